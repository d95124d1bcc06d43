// The camera looks from a click until it has seen a code, or a second click, or until its part is left: at any moment, also while
// the browser still asks whether it may, or while the picture begins.

const WANTED = { video: { facingMode: "environment" } };
const NEXT = 200; // ms until the next frame is read

let looking = null; // what ends the look that is under way

// Ends the look that is under way: its camera is off at once, or as soon as the browser gives it. Gives whether there was one.
export function endLook() {
  const look = looking;
  looking = null;
  look?.abort();
  return look !== null;
}

// Shows in ``video`` what the camera sees, and gives the text of the first code; null where the look was ended before. Fails where
// the browser gives no camera, or does not show it.
export async function codeSeen(video) {
  endLook();
  const look = (looking = new AbortController());
  try {
    const camera = await navigator.mediaDevices.getUserMedia(WANTED);
    atEnd(look.signal, () => camera.getTracks().forEach((track) => track.stop()));
    look.signal.throwIfAborted();
    show(video, camera, look.signal);
    await video.play();
    return await firstCode(video, look.signal);
  } catch (error) {
    if (look.signal.aborted) return null; // nobody waits for it: neither for what went wrong
    throw error;
  } finally {
    if (looking === look) endLook();
  }
}

function show(video, camera, signal) {
  video.srcObject = camera;
  video.classList.remove("hidden");
  atEnd(signal, () => {
    video.pause();
    video.classList.add("hidden");
  });
}

async function firstCode(video, signal) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  for (;;) {
    signal.throwIfAborted();
    const [found] = await detector.detect(video).catch(() => []); // a frame that is not there yet
    signal.throwIfAborted();
    if (found) return found.rawValue;
    await new Promise((done) => setTimeout(done, NEXT));
  }
}

// A signal that was given before is not told once more.
function atEnd(signal, act) {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act);
}
