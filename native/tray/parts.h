/* The icon in Windows' notification area. The bridge starts this program and writes to its standard input
 * what it is to show, in lines of UTF-8 whose fields are divided by tabs (bridge/tray/lines.py writes them):
 *
 *   look     COLOUR TIP         green, yellow or red; at most 127 characters
 *   balloon  TITLE TEXT
 *   gone     TIP TITLE TEXT     what to say should the bridge end without "bye"
 *   hung     SECONDS TIP TITLE TEXT    what to say should no line come for so long
 *   here                        nothing is new, and the bridge is there
 *   menu                        a new menu begins
 *   entry    KIND TEXT STEP...  plain, default (bold), off; without a text a line between entries
 *   shown                       the menu is whole
 *   bye                         the bridge ends as it should: the icon goes
 *
 * In a field \t, \n and \\ stand for a tab, a new line and a backslash. A step is a word and what it is
 * about: open (a folder, page or address), run (a command, to its end), start (a command), show (what a
 * command prints, in a window), try (the same, but only if it prints something), ask (a question; "no" ends
 * the entry), tell (a text), leave (the icon goes).
 *
 * Exit code: 0 after "bye", REPLACED where another one took its place or a person had it go. */
#ifndef TRAY_PARTS_H
#define TRAY_PARTS_H

#include <windows.h>

enum { GREEN_ICON = 1, YELLOW_ICON, RED_ICON };

enum {
    WM_LINE = WM_APP + 1, /* LPARAM: a line, which the receiver frees */
    WM_NO_MORE,           /* standard input is at its end */
    WM_ICON,              /* the icon was clicked */
    WM_LEAVE,             /* another one stands for this bridge now */
    WM_STEPS_OVER,
    WM_SHOW_TEXT /* WPARAM: command, or NULL; LPARAM: text; WM_SHOW_TEXT's result: the window */
};

enum { REPLACED = 3 };
enum { TIMER_OF_ICON = 1, TIMER_OF_SILENCE };
enum { LONGEST_TIP = 128, LONGEST_TITLE = 64, LONGEST_BALLOON = 256, MOST_FIELDS = 16 };

/* lines.c */
void read_lines(HWND window);
int split_fields(wchar_t *line, wchar_t *fields[MOST_FIELDS]);

/* shell_icon.c */
void icon_begin(HWND window);
void icon_look(const wchar_t *colour, const wchar_t *tip);
void icon_balloon(const wchar_t *title, const wchar_t *text);
void icon_show(void); /* once more, where the shell has lost it */
void icon_end(void);

/* menu.c */
void menu_begin(void);
void menu_add(wchar_t *const *fields, int count);
void menu_is_whole(void);
void menu_open(HWND window, POINT place);

/* steps.c */
void steps_begin(HWND window, const wchar_t *const *steps, int count);
wchar_t *copy_of(const wchar_t *text);

/* text_window.c */
HWND text_window_open(HINSTANCE instance, const wchar_t *title);
void text_window_fill(HWND window, const wchar_t *text);
BOOL text_window_takes(const MSG *message);

#endif
