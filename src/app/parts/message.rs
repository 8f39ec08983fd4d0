//! What just happened, at the end of the status line.

use crate::app::theme;
use eframe::egui::{Button, Label, RichText, Role, Ui, vec2};
use std::collections::VecDeque;
use std::time::Duration;

/// Warnings and errors that wait at most; of more, the oldest are dropped (the log has them).
const WAITING: usize = 16;
const NOTE_STAYS: Duration = Duration::from_secs(6);
const WARNING_STAYS: Duration = Duration::from_secs(15);

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something was done.
    Note,
    /// Something needs a look.
    Warning,
    /// Something was not done.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How grave.
    pub level: Level,
    /// What happened, to what, and what to do.
    pub text: String,
    /// Is an undo button offered?
    pub undo: bool,
    /// Is the way to the log offered?
    pub log: bool,
}

impl Message {
    /// Something was done.
    pub fn note(text: impl Into<String>) -> Self {
        Self { level: Level::Note, text: text.into(), undo: false, log: false }
    }

    /// Something was done that can be undone.
    pub fn done(text: impl Into<String>) -> Self {
        Self { undo: true, ..Self::note(text) }
    }

    /// Something needs a look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::note(text) }
    }

    /// Something was not done; the log says more.
    pub fn error(text: impl Into<String>) -> Self {
        Self { level: Level::Error, log: true, ..Self::note(text) }
    }
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Undo.
    Undo,
    /// Show the log's place.
    Log,
    /// Put the message away; that is done already.
    Dismiss,
}

/// The messages. All times are the caller's clock: any that only moves forward.
///
/// A note replaces the note before it and goes after a while. Warnings and errors queue up before notes; a
/// warning goes by itself after it was shown for a while, an error stays until it is put away.
#[derive(Debug, Default)]
pub struct Messages {
    note: Option<(Message, Duration)>,
    grave: VecDeque<Grave>,
}

#[derive(Debug)]
struct Grave {
    message: Message,
    times: u32,
    /// When it came to the front.
    shown: Option<Duration>,
}

impl Messages {
    /// Adds a message. The same warning or error again is counted, not queued.
    pub fn push(&mut self, message: Message, now: Duration) {
        if message.level == Level::Note {
            self.note = Some((message, now + NOTE_STAYS));
        } else if let Some(same) = self.grave.iter_mut().find(|grave| grave.message == message) {
            same.times = same.times.saturating_add(1);
        } else {
            if self.grave.len() == WAITING {
                self.grave.pop_front();
            }
            self.grave.push_back(Grave { message, times: 1, shown: None });
        }
        self.expire(now);
    }

    /// What to show now, and how often it came.
    pub fn current(&mut self, now: Duration) -> Option<(&Message, u32)> {
        self.expire(now);
        let grave = self.grave.front().map(|grave| (&grave.message, grave.times));
        grave.or_else(|| self.note.as_ref().map(|(note, _)| (note, 1)))
    }

    /// Is a warning or an error shown, or waiting?
    pub fn grave(&self) -> bool {
        !self.grave.is_empty()
    }

    /// When what is shown changes by itself; ask for a repaint then.
    pub fn next_change(&self) -> Option<Duration> {
        match self.grave.front() {
            Some(grave) if grave.message.level == Level::Error => None,
            Some(grave) => grave.shown.map(|shown| shown + WARNING_STAYS),
            None => self.note.as_ref().map(|(_, until)| *until),
        }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts away what is shown.
    pub fn dismiss(&mut self) {
        if self.grave.pop_front().is_none() {
            self.note = None;
        }
    }

    fn expire(&mut self, now: Duration) {
        if self.note.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.note = None;
        }
        while let Some(front) = self.grave.front_mut() {
            let shown = *front.shown.get_or_insert(now);
            if front.message.level == Level::Error || now < shown + WARNING_STAYS {
                break;
            }
            self.grave.pop_front();
        }
    }

    /// Draws the message and its buttons from the left; returns what was pressed.
    pub fn show(&mut self, ui: &mut Ui, now: Duration) -> Option<Pressed> {
        let t = theme::tokens(ui.ctx());
        let (message, times) = self.current(now)?;
        let message = message.clone();
        if let Some(change) = self.next_change() {
            ui.ctx().request_repaint_after(change.saturating_sub(now));
        }
        let mut pressed = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
            let word = match message.level {
                Level::Note => None,
                Level::Warning => Some(("Warning", t.warning)),
                Level::Error => Some(("Error", t.error)),
            };
            if let Some((word, colour)) = word {
                ui.label(RichText::new(word).color(colour).font(theme::semibold(13.0)));
            }
            let grave = message.level != Level::Note;
            let buttons = 52.0 * (u8::from(message.undo) + u8::from(message.log) + u8::from(grave)) as f32;
            let text =
                if times > 1 { format!("{} ({times} times)", message.text) } else { message.text.clone() };
            let room = (ui.available_width() - buttons).max(60.0);
            ui.scope(|ui| {
                ui.set_max_width(room);
                ui.add(Label::new(&text).truncate()).on_hover_text(&text);
            });
            let mut button = |wanted: bool, word: &str, name: &str, means: Pressed| {
                if wanted {
                    let response = ui.add(Button::new(word).min_size(vec2(0.0, 22.0)));
                    super::name(&response, Role::Button, name);
                    if response.clicked() {
                        pressed = Some(means);
                    }
                }
            };
            button(message.undo, "Undo", "Undo", Pressed::Undo);
            button(message.log, "Log", "Show the log file", Pressed::Log);
            button(grave, "Close", "Close this message", Pressed::Dismiss);
        });
        if matches!(pressed, Some(Pressed::Dismiss | Pressed::Undo)) {
            self.dismiss();
        }
        pressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use egui_kittest::kittest::Queryable as _;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn shown(messages: &mut Messages, now: u64) -> Option<String> {
        messages.current(at(now)).map(|(message, times)| format!("{}*{times}", message.text))
    }

    #[test]
    fn a_note_replaces_the_note_before_and_goes() {
        let mut messages = Messages::default();
        assert_eq!(shown(&mut messages, 0), None);
        messages.push(Message::done("labelled mf"), at(0));
        messages.push(Message::done("labelled nmf"), at(1));
        assert_eq!(shown(&mut messages, 2).as_deref(), Some("labelled nmf*1"));
        assert_eq!(messages.next_change(), Some(at(7)));
        assert_eq!(shown(&mut messages, 7), None);
    }

    #[test]
    fn an_error_stays_before_notes_until_it_is_put_away() {
        let mut messages = Messages::default();
        messages.push(Message::error("a.svs could not be opened"), at(0));
        messages.push(Message::note("saved"), at(1));
        messages.push(Message::error("a.svs could not be opened"), at(2));
        assert_eq!(shown(&mut messages, 3).as_deref(), Some("a.svs could not be opened*2"));
        assert_eq!(messages.next_change(), None);
        messages.dismiss();
        assert_eq!(shown(&mut messages, 4).as_deref(), Some("saved*1"));
        assert_eq!(shown(&mut messages, 4000), None);
    }

    #[test]
    fn a_warning_has_its_time_even_behind_an_error() {
        let mut messages = Messages::default();
        messages.push(Message::error("e"), at(0));
        messages.push(Message::warning("w"), at(0));
        assert_eq!(shown(&mut messages, 100).as_deref(), Some("e*1"));
        messages.dismiss();
        assert_eq!(shown(&mut messages, 101).as_deref(), Some("w*1"));
        assert_eq!(shown(&mut messages, 115).as_deref(), Some("w*1"));
        assert_eq!(shown(&mut messages, 116), None);
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut messages = Messages::default();
        for n in 0..1000 {
            messages.push(Message::error(format!("tile {n}")), at(n));
        }
        let mut left = 0;
        while messages.current(at(2000)).is_some() {
            messages.dismiss();
            left += 1;
        }
        assert_eq!(left, WAITING);
    }

    #[test]
    fn buttons_say_what_was_pressed() {
        let mut messages = Messages::default();
        messages.push(Message::done("labelled mf"), at(0));
        let mut window = testing::window([500.0, 60.0], theme::Theme::Dark).build_ui_state(
            |ui, (messages, pressed): &mut (Messages, Vec<Pressed>)| pressed.extend(messages.show(ui, at(1))),
            (messages, Vec::new()),
        );
        window.step();
        window.get_by_label("Undo").click();
        window.run_steps(3);
        window.state_mut().0.push(Message::error("no such file"), at(1));
        window.run_steps(3);
        window.get_by_label("Show the log file").click();
        window.run_steps(3);
        window.get_by_label("Close this message").click();
        window.run_steps(3);
        assert_eq!(window.state().1, [Pressed::Undo, Pressed::Log, Pressed::Dismiss]);
        assert!(window.query_by_label("Close this message").is_none());
    }

    #[test]
    fn pictures() {
        testing::pictures("message", [520.0, 130.0], |ui| {
            for message in [
                Message::done("Labelled mitotic figure"),
                Message::warning(
                    "The settings file was broken; defaults are used and the old file is kept as settings.broken.json",
                ),
                Message::error("case-07.svs could not be opened: the file ends too early"),
            ] {
                let mut messages = Messages::default();
                messages.push(message, at(0));
                messages.show(ui, at(0));
            }
        });
    }
}
