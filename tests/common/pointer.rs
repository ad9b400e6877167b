//! Dragging files onto the window with the real pointer: a real XDND drop, as from a file manager.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use super::desktop::Desktop;

/// Where the window to drag from stands: at the screen's right edge, where no other window reaches.
const SOURCE: (i32, i32) = (1460, 40);

/// The middle of that window, from its corner.
const SOURCE_MIDDLE: i32 = 60;

/// How many steps the pointer takes on its way: a drag begins only after some movement.
const STEPS: i32 = 12;

/// Between two steps source and target have to exchange messages.
const STEP: Duration = Duration::from_millis(40);

/// Files under the pointer, on their way.
pub(crate) struct Drag<'a> {
    desktop: &'a Desktop,
    source: Child,
    words: Lines<BufReader<ChildStdout>>,
}

impl<'a> Drag<'a> {
    /// Takes files up and carries them to a point of the screen.
    pub(crate) fn carry(desktop: &'a Desktop, files: &[&Path], to: (i32, i32)) -> Self {
        let mut source = desktop
            .tool("xdnd_source.py")
            .args([SOURCE.0.to_string(), SOURCE.1.to_string()])
            .args(files)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let words = BufReader::new(source.stdout.take().expect("its output is piped")).lines();
        let mut drag = Self { desktop, source, words };
        drag.expect("ready");
        let from = (SOURCE.0 + SOURCE_MIDDLE, SOURCE.1 + SOURCE_MIDDLE);
        drag.to(from);
        desktop.xdotool(&["mousedown", "1"]);
        for step in 1..=STEPS {
            drag.to((from.0 + (to.0 - from.0) * step / STEPS, from.1 + (to.1 - from.1) * step / STEPS));
        }
        drag.expect("begin");
        drag.nudge(to);
        drag
    }

    /// Moves a little to and fro at a point, so that the target answers.
    fn nudge(&self, at: (i32, i32)) {
        for offset in [3, -3, 2, 0] {
            self.to((at.0 + offset, at.1 + offset));
        }
    }

    fn to(&self, (x, y): (i32, i32)) {
        self.desktop.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        std::thread::sleep(STEP);
    }

    /// Lets go; the window must take the files.
    pub(crate) fn drop_here(mut self) {
        self.desktop.xdotool(&["mouseup", "1"]);
        self.expect("end");
    }

    /// Waits for the source to say `word`; nothing else may come before it.
    fn expect(&mut self, word: &str) {
        let said = self.words.next().and_then(Result::ok).unwrap_or_default();
        assert_eq!(said, word, "the drag went otherwise");
    }
}

impl Drop for Drag<'_> {
    fn drop(&mut self) {
        let _ = self.source.kill();
        let _ = self.source.wait();
    }
}
