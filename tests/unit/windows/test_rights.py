"""Who may use a file on Windows: the rules, on access lists as Windows has them."""

import pytest

from bridge.windows.rights import (
    ADMINISTRATORS,
    EVERYONE,
    INTERACTIVE,
    SYSTEM,
    Entry,
    Rights,
    is_strange,
    open_to_all,
    open_to_anybody,
    others,
    private_list,
    service_sid,
)

ME = "S-1-5-21-1-2-3-1001"
COLLEAGUE = "S-1-5-21-1-2-3-1002"
USERS = "S-1-5-32-545"
DOMAIN_USERS = "S-1-5-21-7-8-9-513"
FULL, READ, CHANGE = 0x1F01FF, 0x120089, 0x1301BF
SYNCHRONIZE, READ_THE_LIST = 0x10_0000, 0x2_0000


def rights(*entries: Entry) -> Rights:
    return Rights(ME, entries)


def test_a_profile_is_private() -> None:
    """As a folder in %LOCALAPPDATA% has it."""
    profile = rights(Entry(SYSTEM, FULL), Entry(ADMINISTRATORS, FULL), Entry(ME, FULL))
    assert others(profile, (ME,)) == ()


def test_an_administrator_who_looks_at_the_services_folder_sees_nobody_else() -> None:
    service = Entry(service_sid("cshis-bridge"), FULL)
    assert others(rights(Entry(SYSTEM, FULL), Entry(ADMINISTRATORS, FULL), service), (ME,)) == ()
    other = service_sid("another-service")
    assert others(rights(service, Entry(other, READ)), (ME,)) == (other,)


def test_a_folder_below_c_is_not() -> None:
    """Users read, and those who are logged on make files there. CREATOR OWNER is nobody."""
    below_c = rights(
        Entry(ADMINISTRATORS, FULL),
        Entry(SYSTEM, FULL),
        Entry(USERS, READ),
        Entry("S-1-5-11", CHANGE),
        Entry("S-1-3-0", 0x1000_0000),
        Entry("S-1-5-11", CHANGE),
    )
    assert others(below_c, (ME,)) == (USERS, "S-1-5-11")


@pytest.mark.parametrize("mask", [0x1, 0x2, 0x4, 0x1_0000, 0x4_0000, 0x8_0000, 0x8000_0000, 0x1000_0000])
def test_any_use_counts(mask: int) -> None:
    assert others(rights(Entry(ME, FULL), Entry(COLLEAGUE, mask)), (ME,)) == (COLLEAGUE,)


@pytest.mark.parametrize("mask", [0, SYNCHRONIZE, READ_THE_LIST])
def test_to_see_that_it_is_there_is_no_use(mask: int) -> None:
    assert others(rights(Entry(COLLEAGUE, mask)), (ME,)) == ()


def test_a_line_that_forbids_lets_nobody_in_and_takes_nobody_off() -> None:
    assert others(rights(Entry(COLLEAGUE, FULL, allows=False)), (ME,)) == ()
    both = rights(Entry(COLLEAGUE, FULL, allows=False), Entry(COLLEAGUE, READ))
    assert others(both, (ME,)) == (COLLEAGUE,)


def test_without_a_list_everybody_may_do_everything_and_with_an_empty_one_nobody() -> None:
    assert others(Rights(ME, None), (ME,)) == (EVERYONE,)
    assert others(Rights(ME, ()), (ME,)) == ()


@pytest.mark.parametrize(
    ("owner", "strange"),
    [(ME, False), (SYSTEM, False), (ADMINISTRATORS, False), (COLLEAGUE, True), (USERS, True)],
)
def test_whose_it_is(owner: str, strange: bool) -> None:
    assert is_strange(owner, (ME,)) == strange


@pytest.mark.parametrize(
    ("sid", "all_users", "anybody"),
    [
        (EVERYONE, True, True),
        ("S-1-5-7", True, True),
        ("S-1-5-2", True, True),
        ("S-1-5-21-7-8-9-514", True, True),
        ("S-1-5-11", True, False),
        (USERS, True, False),
        (INTERACTIVE, True, False),
        (DOMAIN_USERS, True, False),
        (COLLEAGUE, False, False),
        ("S-1-5-21-1-2-3-1513", False, False),
    ],
)
def test_how_many_that_are(sid: str, all_users: bool, anybody: bool) -> None:
    assert open_to_all((COLLEAGUE, sid)) == all_users
    assert open_to_anybody((COLLEAGUE, sid)) == anybody


def test_the_list_of_what_is_private() -> None:
    assert private_list(ME, folder=False) == f"D:P(A;;FA;;;{ME})(A;;FA;;;{SYSTEM})(A;;FA;;;{ADMINISTRATORS})"
    folder = private_list(SYSTEM, folder=True, readers=[INTERACTIVE, SYSTEM])
    assert folder == (f"D:P(A;OICI;FA;;;{SYSTEM})(A;OICI;FA;;;{ADMINISTRATORS})(A;OICI;FR;;;{INTERACTIVE})")


def test_the_sid_of_a_service_follows_from_its_name() -> None:
    """That of Windows' own installer is known."""
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    assert service_sid("TrustedInstaller") == service_sid("TRUSTEDINSTALLER") == known
