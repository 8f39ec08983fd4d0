//! Keys and mouse buttons become actions.

use super::action::{self, Action};
use super::window::Window;
use eframe::egui::{Context, Event, Key, Modifiers, MouseWheelSource, PointerButton};
use std::time::Duration;

/// A key that shows something is a switch when tapped, and lasts as long as it is held when held longer than this.
const HOLD: Duration = Duration::from_millis(350);

/// What the hands hold at the moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hands {
    /// Space is down; was something dragged with it?
    pub space: Option<bool>,
    /// Does the wheel's motion come from fingers on a trackpad?
    pub trackpad: bool,
    /// When the key that shows the marks went down.
    marks: Option<Duration>,
}

impl Window {
    /// Reads the frame's keys and buttons, and does what they mean.
    pub(super) fn take_keys(&mut self, ctx: &Context, now: Duration) {
        let modal = self.palette.is_open() || self.asks();
        let (typing, focused) = (ctx.text_edit_focused(), ctx.egui_wants_keyboard_input());
        if modal {
            self.hands = Hands::default();
            return;
        }
        for event in ctx.input(|i| i.events.clone()) {
            // What one key opened takes the next one of the same frame.
            if self.asks() {
                break;
            }
            match event {
                Event::Key { key, pressed, repeat, modifiers, .. }
                    if self.key(ctx, now, key, pressed, repeat, modifiers, typing, focused) =>
                {
                    // What it opened must not take the same press as its own.
                    ctx.input_mut(|i| i.consume_key(modifiers, key));
                }
                Event::MouseWheel { source, .. } => {
                    self.hands.trackpad = source == MouseWheelSource::Trackpad;
                }
                Event::PointerButton { button, pressed: true, .. } => match button {
                    PointerButton::Extra1 => self.act_if_possible(Action::Previous, ctx, now),
                    PointerButton::Extra2 => self.act_if_possible(Action::Next, ctx, now),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "these are the fields of one event")]
    fn key(
        &mut self,
        ctx: &Context,
        now: Duration,
        key: Key,
        pressed: bool,
        repeat: bool,
        held: Modifiers,
        typing: bool,
        focused: bool,
    ) -> bool {
        let plain = held.is_none() || held.shift_only();
        // A field that is typed into keeps its letters; commands with Ctrl and function keys work everywhere.
        if typing && plain && !is_function_key(key) && key != Key::Escape {
            return false;
        }
        // Enter and Space press the button that has the focus.
        if focused && plain && matches!(key, Key::Space | Key::Enter) {
            return false;
        }
        if key == Key::Space && held.is_none() {
            match (pressed, self.hands.space) {
                (true, None) => self.hands.space = Some(false),
                (false, Some(dragged)) => {
                    self.hands.space = None;
                    if !dragged {
                        self.act_if_possible(Action::Next, ctx, now);
                    }
                }
                _ => {}
            }
            return false;
        }
        let Some(action) = action::of_key(key, held, self.vote.is_open()) else { return false };
        // A field takes back its own letters.
        if typing && matches!(action, Action::Undo | Action::Redo) {
            return false;
        }
        if !pressed {
            if action == Action::Marks
                && self.hands.marks.take().is_some_and(|since| now.saturating_sub(since) > HOLD)
            {
                self.act_if_possible(Action::Marks, ctx, now);
            }
            return false;
        }
        let repeats = matches!(
            action,
            Action::ZoomIn
                | Action::ZoomOut
                | Action::PanLeft
                | Action::PanRight
                | Action::PanUp
                | Action::PanDown
                | Action::Undo
                | Action::Redo
        );
        if repeat && !repeats {
            return false;
        }
        if action == Action::Marks {
            self.hands.marks = Some(now);
        }
        self.act_if_possible(action, ctx, now);
        true
    }

    fn act_if_possible(&mut self, action: Action, ctx: &Context, now: Duration) {
        if self.enabled(action) {
            self.act(action, ctx, now);
        }
    }
}

fn is_function_key(key: Key) -> bool {
    matches!(
        key,
        Key::F1
            | Key::F2
            | Key::F3
            | Key::F4
            | Key::F5
            | Key::F6
            | Key::F7
            | Key::F8
            | Key::F9
            | Key::F10
            | Key::F11
            | Key::F12
    )
}
