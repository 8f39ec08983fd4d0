//! The one table of everything that can be done. Menus, palette, tooltips, cheat sheet, key handling and the
//! page `docs/keys.md` are made from it.

use eframe::egui::{Key, Modifiers};

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each one is described by its line in the table")]
pub enum Action {
    OpenSlide,
    OpenDocument,
    OpenKit,
    NewDocument,
    Demo,
    CloseSlide,
    Quit,
    Undo,
    Redo,
    Delete,
    ChooseRater,
    Study,
    Upgrade,
    Class(u8),
    Place,
    Crosshair,
    ToolSelect,
    ToolSpot,
    ModeView,
    ModeScreen,
    ModeVote,
    ModeCount,
    ModeStudy,
    MakeTask,
    MergeKit,
    ZoomIn,
    ZoomOut,
    Fit,
    OneToOne,
    /// By index into [`crate::app::parts::lens::OBJECTIVES`].
    Objective(u8),
    PanLeft,
    PanRight,
    PanUp,
    PanDown,
    RotateLeft,
    RotateRight,
    NextSlide,
    PreviousSlide,
    Marks,
    Dim,
    Minimap,
    SlideList,
    Inspector,
    SlideAlone,
    LabelImage,
    Next,
    Previous,
    ReturnToField,
    SecondPass,
    GoToCount,
    CantTell,
    Comment,
    Patches,
    ReturnToItem,
    FirstOpen,
    SealTask,
    LeaveTask,
    Calibrate,
    ThemeDark,
    ThemeLight,
    ThemeGrey,
    ThemeSystem,
    ColourBlind,
    ReducedMotion,
    Palette,
    CheatSheet,
    LogPlace,
    About,
    Cancel,
}

/// Where an action stands in menus, palette and cheat sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Slides and documents.
    File,
    /// Undo and what is selected.
    Labels,
    /// What the slide's view shows.
    View,
    /// Field by field.
    Screen,
    /// Item by item, in a task.
    Vote,
    /// The window's looks.
    Window,
    /// Keys, commands, versions.
    Help,
}

impl Group {
    /// All of them, in their order.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Labels, Self::View, Self::Screen, Self::Vote, Self::Window, Self::Help];

    /// The menu's name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Labels => "Labels",
            Self::View => "View",
            Self::Screen => "Screening",
            Self::Vote => "Voting",
            Self::Window => "Window",
            Self::Help => "Help",
        }
    }
}

/// Where an action can be done: while a task is open there is nothing but the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// While no task is open.
    Desk,
    /// In a task.
    Task,
    /// In both.
    Both,
}

impl Place {
    /// Is it there now, in a task or outside?
    pub const fn is_in(self, task: bool) -> bool {
        match self {
            Self::Desk => !task,
            Self::Task => task,
            Self::Both => true,
        }
    }
}

impl Action {
    /// Where it can be done. What is not named here stays out of a task: it might show what must be hidden.
    pub const fn place(self) -> Place {
        match self {
            Self::CantTell
            | Self::Comment
            | Self::Patches
            | Self::ReturnToItem
            | Self::FirstOpen
            | Self::SealTask
            | Self::LeaveTask => Place::Task,
            Self::Class(_)
            | Self::Next
            | Self::Previous
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::PanLeft
            | Self::PanRight
            | Self::PanUp
            | Self::PanDown
            | Self::RotateLeft
            | Self::RotateRight
            | Self::Calibrate
            | Self::ThemeDark
            | Self::ThemeLight
            | Self::ThemeGrey
            | Self::ThemeSystem
            | Self::ReducedMotion
            | Self::Palette
            | Self::CheatSheet
            | Self::LogPlace
            | Self::About
            | Self::Cancel
            | Self::Quit => Place::Both,
            _ => Place::Desk,
        }
    }
}

/// What must be there before an action can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// An open slide.
    Slide,
    /// An open slide with a known resolution.
    Resolution,
    /// An open slide with a label image.
    LabelImage,
    /// Two slides or more in the list.
    Slides,
    /// A screening plan.
    Plan,
    /// A screening plan or a task: something to step through.
    Steps,
    /// An open task.
    Task,
    /// An item of an open task on the screen.
    Item,
    /// An item on the screen that can be answered still.
    Unsealed,
    /// A screening plan whose fields were all seen.
    Seen,
    /// An object that is selected or under the pointer.
    Object,
    /// Something to take back.
    Undo,
    /// Something to make again.
    Redo,
    /// A count.
    Count,
    /// A document, for looking only or not.
    AnyDocument,
    /// The coordinator's page of a study, and a document that can be written.
    Study,
    /// A document that can be written.
    Document,
    /// A document that must be upgraded.
    OldDocument,
}

/// A key with what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Ctrl, or Cmd on a Mac.
    pub ctrl: bool,
    /// Shift.
    pub shift: bool,
    /// Alt, or Option on a Mac.
    pub alt: bool,
}

const fn key(key: Key) -> Chord {
    Chord { key, ctrl: false, shift: false, alt: false }
}

const fn ctrl(k: Key) -> Chord {
    Chord { ctrl: true, ..key(k) }
}

const fn shift(k: Key) -> Chord {
    Chord { shift: true, ..key(k) }
}

const fn alt(k: Key) -> Chord {
    Chord { alt: true, ..key(k) }
}

const fn ctrl_shift(k: Key) -> Chord {
    Chord { shift: true, ..ctrl(k) }
}

impl Chord {
    /// Is it what was pressed? On a symbol's key Shift is part of the symbol on some keyboards and not on others.
    pub fn is(&self, key: Key, held: Modifiers) -> bool {
        let symbol = matches!(
            self.key,
            Key::Plus | Key::Equals | Key::Minus | Key::Questionmark | Key::OpenBracket | Key::CloseBracket
        );
        self.key == key
            && self.ctrl == held.command
            && self.alt == held.alt
            && (symbol || self.shift == held.shift)
    }

    /// As people write it: `Ctrl+Shift+Z`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let ctrl = if cfg!(target_os = "macos") { "Cmd+" } else { "Ctrl+" };
        for (held, word) in [(self.ctrl, ctrl), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                text.push_str(word);
            }
        }
        text.push_str(match self.key {
            Key::ArrowLeft => "Left",
            Key::ArrowRight => "Right",
            Key::ArrowUp => "Up",
            Key::ArrowDown => "Down",
            Key::Escape => "Esc",
            Key::Questionmark => "?",
            Key::Period => ".",
            Key::Comma => ",",
            Key::OpenBracket => "[",
            Key::CloseBracket => "]",
            Key::Plus => "+",
            Key::Minus => "-",
            Key::Equals => "=",
            other => other.name(),
        });
        text
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// What.
    pub action: Action,
    /// Its name in logs and tests.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where it stands.
    pub group: Group,
    /// Its keys.
    pub keys: &'static [Chord],
    /// What must be there.
    pub needs: Needs,
    /// One sentence.
    pub help: &'static str,
}

impl Spec {
    /// All its keys, as the cheat sheet shows them: `Ctrl+P, Ctrl+K`.
    pub fn keys_text(&self) -> String {
        self.keys.iter().map(Chord::text).collect::<Vec<_>>().join(", ")
    }
}

const fn spec(
    action: Action,
    id: &'static str,
    title: &'static str,
    group: Group,
    keys: &'static [Chord],
    needs: Needs,
    help: &'static str,
) -> Spec {
    Spec { action, id, title, group, keys, needs, help }
}

use Action as A;
use Group::{File, Help, Labels, Screen, View, Vote, Window};

/// Everything that can be done, in the order in which it is listed.
#[rustfmt::skip]
pub static ACTIONS: &[Spec] = &[
    spec(A::OpenSlide, "open-slide", "Open slide…", File, &[ctrl(Key::O)], Needs::Nothing, "Opens whole-slide images or plain pictures."),
    spec(A::OpenDocument, "open-document", "Open document…", File, &[ctrl(Key::D)], Needs::Nothing, "Opens a SlideRunner database for the labels."),
    spec(A::OpenKit, "open-kit", "Open kit…", File, &[], Needs::Nothing, "Opens a kit: a task for one rater, as a file of its own."),
    spec(A::NewDocument, "new-document", "New document…", File, &[ctrl(Key::N)], Needs::Nothing, "Makes a new SlideRunner database for the labels."),
    spec(A::Study, "study", "Classes, raters, case…", File, &[], Needs::Document, "Adds classes and raters to the document, says what each class stands for, and names the slide's case."),
    spec(A::MakeTask, "make-task", "Make a task…", File, &[], Needs::Study, "Asks a rater about cells: a second opinion, a third one, a consensus."),
    spec(A::MergeKit, "merge-kit", "Merge a kit…", File, &[], Needs::Document, "Takes up what a rater has answered in a kit, after its hashes and signatures were checked."),
    spec(A::Upgrade, "upgrade", "Upgrade document…", File, &[], Needs::OldDocument, "Brings a document of an older SlideRunner to the present kind, after a backup."),
    spec(A::NextSlide, "next-slide", "Next slide", File, &[key(Key::Period)], Needs::Slides, "Goes to the next slide of the list."),
    spec(A::PreviousSlide, "previous-slide", "Previous slide", File, &[key(Key::Comma)], Needs::Slides, "Goes to the slide before in the list."),
    spec(A::CloseSlide, "close-slide", "Close slide", File, &[ctrl(Key::W)], Needs::Slide, "Takes the slide off the screen. Labels are saved already."),
    spec(A::Demo, "demo", "Open the demo", File, &[], Needs::Nothing, "Opens an artificial slide to try everything on; made on the first run."),
    spec(A::Quit, "quit", "Quit", File, &[ctrl(Key::Q)], Needs::Nothing, "Closes the window. Labels are saved already."),

    spec(A::Undo, "undo", "Undo", Labels, &[ctrl(Key::Z)], Needs::Undo, "Takes back your newest change, also of an earlier day."),
    spec(A::Redo, "redo", "Redo", Labels, &[ctrl_shift(Key::Z), ctrl(Key::Y)], Needs::Redo, "Makes again what was taken back."),
    spec(A::Class(1), "class-1", "Label with class 1", Labels, &[key(Key::Num1)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(2), "class-2", "Label with class 2", Labels, &[key(Key::Num2)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(3), "class-3", "Label with class 3", Labels, &[key(Key::Num3)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(4), "class-4", "Label with class 4", Labels, &[key(Key::Num4)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(5), "class-5", "Label with class 5", Labels, &[key(Key::Num5)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(6), "class-6", "Label with class 6", Labels, &[key(Key::Num6)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(7), "class-7", "Label with class 7", Labels, &[key(Key::Num7)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(8), "class-8", "Label with class 8", Labels, &[key(Key::Num8)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Class(9), "class-9", "Label with class 9", Labels, &[key(Key::Num9)], Needs::Nothing, "Labels the cell under the pointer, or places a new label there."),
    spec(A::Delete, "delete", "Delete object", Labels, &[key(Key::Delete), key(Key::Backspace)], Needs::Object, "Deletes the selected object, or the one under the pointer. Undo brings it back."),
    spec(A::ToolSelect, "tool-select", "Select", Labels, &[key(Key::V)], Needs::Slide, "A click selects the object under the pointer."),
    spec(A::ToolSpot, "tool-spot", "Spot", Labels, &[key(Key::S)], Needs::Slide, "A click places a label of the chosen class."),
    spec(A::Crosshair, "crosshair", "Crosshair at the centre", Labels, &[key(Key::K)], Needs::Slide, "Works without a mouse: arrow keys move the slide under the crosshair, a digit or Enter labels there."),
    spec(A::Place, "place", "Label at the crosshair", Labels, &[key(Key::Enter)], Needs::Slide, "Places a label of the chosen class at the crosshair."),
    spec(A::ChooseRater, "choose-rater", "Choose rater…", Labels, &[], Needs::Nothing, "Says who labels from now on."),

    spec(A::ModeView, "mode-view", "View", View, &[key(Key::F2)], Needs::Nothing, "Looks around freely."),
    spec(A::ModeScreen, "mode-screen", "Screen", View, &[key(Key::F3)], Needs::Nothing, "Goes through all tissue, field by field."),
    spec(A::ModeVote, "mode-vote", "Vote", View, &[key(Key::F5)], Needs::Nothing, "Lists your tasks: cells to be judged, one key each."),
    spec(A::ModeCount, "mode-count", "Count", View, &[key(Key::F4)], Needs::Nothing, "Shows the mitotic count: the 2.37 mm² with the most mitotic figures."),
    spec(A::ModeStudy, "mode-study", "Study", View, &[key(Key::F6)], Needs::AnyDocument, "Shows the coordinator's page: stages, tasks, outcome, agreement, disagreements."),
    spec(A::ZoomIn, "zoom-in", "Zoom in", View, &[key(Key::Plus), key(Key::Equals)], Needs::Slide, "Shows the middle of the view larger."),
    spec(A::ZoomOut, "zoom-out", "Zoom out", View, &[key(Key::Minus)], Needs::Slide, "Shows more of the slide."),
    spec(A::Fit, "fit", "Whole slide", View, &[key(Key::Home)], Needs::Slide, "Shows the whole slide."),
    spec(A::OneToOne, "one-to-one", "1:1", View, &[key(Key::Z)], Needs::Slide, "Shows one pixel of the slide on one pixel of the screen."),
    spec(A::Objective(0), "objective-1.25", "Objective 1.25x", View, &[alt(Key::Num1)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(1), "objective-2.5", "Objective 2.5x", View, &[alt(Key::Num2)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(2), "objective-5", "Objective 5x", View, &[alt(Key::Num3)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(3), "objective-10", "Objective 10x", View, &[alt(Key::Num4)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(4), "objective-20", "Objective 20x", View, &[alt(Key::Num5)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(5), "objective-40", "Objective 40x", View, &[alt(Key::Num6)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::Objective(6), "objective-60", "Objective 60x", View, &[alt(Key::Num7)], Needs::Resolution, "Shows the slide as this objective would."),
    spec(A::PanLeft, "pan-left", "Move left", View, &[key(Key::ArrowLeft)], Needs::Slide, "Moves the view to the left."),
    spec(A::PanRight, "pan-right", "Move right", View, &[key(Key::ArrowRight)], Needs::Slide, "Moves the view to the right."),
    spec(A::PanUp, "pan-up", "Move up", View, &[key(Key::ArrowUp)], Needs::Slide, "Moves the view up."),
    spec(A::PanDown, "pan-down", "Move down", View, &[key(Key::ArrowDown)], Needs::Slide, "Moves the view down."),
    spec(A::RotateLeft, "rotate-left", "Turn left by 90°", View, &[key(Key::OpenBracket)], Needs::Slide, "Turns the picture to the left."),
    spec(A::RotateRight, "rotate-right", "Turn right by 90°", View, &[key(Key::CloseBracket)], Needs::Slide, "Turns the picture to the right."),
    spec(A::Marks, "marks", "Show marks", View, &[key(Key::M)], Needs::Slide, "Shows or hides all marks; held down, only while held."),
    spec(A::LabelImage, "label-image", "Label image of the slide", View, &[], Needs::LabelImage, "Shows the slide's paper label, which may name the patient."),

    spec(A::Next, "next", "Next field or item", Screen, &[key(Key::N)], Needs::Steps, "Marks this field as seen and goes to the next one; in a task goes on without a vote. Also Space and the mouse's forward button."),
    spec(A::Previous, "previous", "Previous field or item", Screen, &[shift(Key::N)], Needs::Steps, "Goes back one field, or one item of a task. Also the mouse's back button."),
    spec(A::ReturnToField, "return-to-field", "Back to the field", Screen, &[key(Key::Q)], Needs::Plan, "Shows the current field again after looking around."),
    spec(A::Dim, "dim", "Dim outside the field", Screen, &[key(Key::O)], Needs::Slide, "Darkens a little what lies outside the field, or not."),
    spec(A::SecondPass, "second-pass", "Second pass", Screen, &[], Needs::Seen, "Starts over, with a progress of its own."),
    spec(A::GoToCount, "go-to-count", "Go to the counted area", Screen, &[key(Key::G)], Needs::Count, "Shows the 2.37 mm² with the most mitotic figures."),

    spec(A::CantTell, "cant-tell", "Can't tell", Vote, &[key(Key::Num0)], Needs::Unsealed, "Answers that it can't be told, and goes on. No label is written for it."),
    spec(A::Comment, "comment", "Comment…", Vote, &[key(Key::C)], Needs::Unsealed, "Writes a comment that is kept with your vote on this item."),
    spec(A::Patches, "patches", "In context, patch or sheet", Vote, &[key(Key::P)], Needs::Item, "Shows the item in its slide, as one patch, or on a sheet of patches."),
    spec(A::ReturnToItem, "return-to-item", "Back to the item", Vote, &[key(Key::Q)], Needs::Item, "Shows the item again in the middle, at the standard scale."),
    spec(A::FirstOpen, "first-open", "First open item", Vote, &[key(Key::G)], Needs::Task, "Goes to the first item that has no answer yet."),
    spec(A::SealTask, "seal-task", "Seal the task…", Vote, &[ctrl(Key::Enter)], Needs::Task, "Shows what will be sealed; a sealed task can't be changed any more."),
    spec(A::LeaveTask, "leave-task", "Leave the task", Vote, &[ctrl(Key::W)], Needs::Task, "Closes the task. Votes are saved already."),

    spec(A::SlideList, "slide-list", "Slide list", Window, &[key(Key::F7)], Needs::Nothing, "Shows or folds away the list of slides."),
    spec(A::Inspector, "inspector", "Inspector", Window, &[key(Key::F8)], Needs::Nothing, "Shows or folds away the panel at the right."),
    spec(A::SlideAlone, "slide-alone", "The slide alone", Window, &[key(Key::F11)], Needs::Nothing, "Hides all panels, or shows them again."),
    spec(A::Minimap, "minimap", "Minimap", Window, &[], Needs::Nothing, "Shows or hides the small map over the slide."),
    spec(A::Calibrate, "calibrate", "Calibrate the screen…", Window, &[], Needs::Nothing, "Measures the screen with a bank card, so that cells are equally large on every screen."),
    spec(A::ThemeDark, "theme-dark", "Theme: dark", Window, &[], Needs::Nothing, "Light words on dark panels."),
    spec(A::ThemeLight, "theme-light", "Theme: light", Window, &[], Needs::Nothing, "Dark words on light panels."),
    spec(A::ThemeGrey, "theme-grey", "Theme: mid-grey", Window, &[], Needs::Nothing, "Neutral mid-grey, for calibrated viewing."),
    spec(A::ThemeSystem, "theme-system", "Theme: as the system", Window, &[], Needs::Nothing, "Dark or light, as the desktop asks."),
    spec(A::ColourBlind, "colour-blind", "Colours safe for colour blindness", Window, &[], Needs::Nothing, "Another palette for marks of the default classes."),
    spec(A::ReducedMotion, "reduced-motion", "Less motion", Window, &[], Needs::Nothing, "Turns fades and glides off, or on again."),

    spec(A::Palette, "palette", "Find a command…", Help, &[ctrl(Key::P), ctrl(Key::K)], Needs::Nothing, "Finds any command or recent file by a few letters."),
    spec(A::CheatSheet, "cheat-sheet", "Keys", Help, &[key(Key::F1), key(Key::Questionmark)], Needs::Nothing, "Shows all keys on one sheet."),
    spec(A::LogPlace, "log-place", "Where the log is", Help, &[], Needs::Nothing, "Names the folder with logs and crash reports."),
    spec(A::About, "about", "About Mitoscope", Help, &[], Needs::Nothing, "Versions of the program and its libraries."),
    spec(A::Cancel, "cancel", "Cancel", Help, &[key(Key::Escape)], Needs::Nothing, "Closes what is open over the slide, else drops the selection."),
];

/// What hand and wheel do, for the cheat sheet.
pub const POINTER: [(&str, &str); 7] = [
    ("Move the slide", "drag, middle drag, Space+drag"),
    ("Zoom at the pointer", "wheel, pinch"),
    ("Turn the picture", "Ctrl+drag"),
    ("Select, or place a spot", "click"),
    ("Next or previous field or item", "mouse side buttons"),
    ("Next field or item", "Space"),
    ("Next objective", "double-click on the read-out"),
];

/// An action's line.
pub fn find(action: Action) -> &'static Spec {
    // Every action has a line: a test goes through them all.
    ACTIONS.iter().find(|s| s.action == action).unwrap_or(&ACTIONS[0])
}

/// The action of a key, in a task or outside; `None` where it has none there.
pub fn of_key(key: Key, held: Modifiers, task: bool) -> Option<Action> {
    let there = |s: &&Spec| s.action.place().is_in(task) && s.keys.iter().any(|c| c.is(key, held));
    ACTIONS.iter().find(there).map(|s| s.action)
}

/// Groups of lines for the cheat sheet: all that has a key, then the pointer.
pub fn sheet() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    sheet_in(None)
}

/// The same for what can be done in a task, or outside.
pub fn sheet_in(task: Option<bool>) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let mut groups: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    for group in Group::ALL {
        let mut rows: Vec<(&str, String)> = Vec::new();
        // In a task its own keys stand together.
        let joined = |s: &&Spec| match (task, s.group) {
            (Some(true), Group::Screen) => group == Group::Vote,
            (_, of) => of == group,
        };
        if group == Group::Vote && task != Some(false) {
            rows.push(("Vote, and go on", "1…9".into()));
        }
        let there = |s: &&Spec| task.is_none_or(|task| s.action.place().is_in(task));
        for spec in ACTIONS.iter().filter(there).filter(joined).filter(|s| !s.keys.is_empty()) {
            match spec.action {
                Action::Class(_) if task == Some(true) => {}
                Action::Class(1) => rows.push(("Label with class 1 to 9", "1…9".into())),
                Action::Class(_) | Action::PanRight | Action::PanUp | Action::PanDown => {}
                Action::Objective(0) => rows.push(("Objective 1.25x to 60x", "Alt+1…7".into())),
                Action::Objective(_) => {}
                Action::PanLeft => rows.push(("Move the view", "Left, Right, Up, Down".into())),
                _ => rows.push((spec.title.trim_end_matches('…'), spec.keys_text())),
            }
        }
        if !rows.is_empty() {
            groups.push((group.title(), rows));
        }
    }
    let of_task = |what: &str| {
        ["Move", "Zoom", "Next field or item", "Next or previous"].iter().any(|w| what.starts_with(w))
    };
    let pointer = POINTER.iter().filter(|(what, _)| task != Some(true) || of_task(what));
    groups.push(("Mouse", pointer.map(|(what, how)| (*what, (*how).to_owned())).collect()));
    groups
}

/// The page `docs/keys.md`.
pub fn page() -> String {
    let mut page =
        String::from("# Keys\n\nMade from the program's own table; `F1` shows the same on the screen.\n");
    for (title, rows) in sheet() {
        page.push_str(&format!("\n## {title}\n\n| what | how |\n|---|---|\n"));
        for (what, how) in rows {
            page.push_str(&format!("| {what} | {how} |\n"));
        }
    }
    page.push_str("\nA digit labels the cell under the pointer, or places a new label there. With the pointer beside the slide it labels the\nselected cell, else it chooses the class to label with. In a task it votes.\nOn a Mac, Cmd takes the place of Ctrl.\n");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_is_taken_twice() {
        let mut taken = HashSet::new();
        let places = [false, true].into_iter().flat_map(|task| ACTIONS.iter().map(move |s| (task, s)));
        for (task, spec) in places.filter(|(task, s)| s.action.place().is_in(*task)) {
            for chord in spec.keys {
                assert!(taken.insert((task, *chord)), "{} of {} is taken", chord.text(), spec.id);
                let held = Modifiers {
                    alt: chord.alt,
                    shift: chord.shift,
                    command: chord.ctrl,
                    ctrl: chord.ctrl,
                    mac_cmd: false,
                };
                assert_eq!(of_key(chord.key, held, task), Some(spec.action), "{}", chord.text());
            }
        }
    }

    #[test]
    fn every_action_has_one_line_that_says_what_it_does() {
        let (mut ids, mut actions) = (HashSet::new(), HashSet::new());
        for spec in ACTIONS {
            assert!(ids.insert(spec.id) && actions.insert(spec.action), "{} twice", spec.id);
            assert!(
                spec.help.ends_with('.') && spec.help.len() > 15 && !spec.title.is_empty(),
                "{}",
                spec.id
            );
            assert_eq!(find(spec.action).id, spec.id);
        }
        assert!((1..=9).all(|n| actions.contains(&Action::Class(n))));
        let objectives = crate::app::parts::lens::OBJECTIVES.len() as u8;
        assert!((0..objectives).all(|n| actions.contains(&Action::Objective(n))));
    }

    #[test]
    fn the_page_of_keys_is_the_table() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert_eq!(kept, page(), "docs/keys.md is not the table; UPDATE=1 cargo test page_of_keys writes it");
    }
}
