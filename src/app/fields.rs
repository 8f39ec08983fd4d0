//! Stepping through the fields of a screening pass.

use super::modes::Mode;
use super::modes::screening::Step;
use super::overlay::{Over, Setup};
use super::parts::message::Message;
use super::window::Window;
use crate::model::Camera;
use std::time::Duration;

impl Window {
    pub(super) fn next_field(&mut self, now: Duration) {
        let Some(pass) = self.open.as_mut().and_then(|o| o.screening.as_mut()) else { return };
        let step = pass.next(now);
        let (complete, gap) = (pass.complete(), pass.first_gap());
        self.selected = None;
        self.keep_progress();
        // Whose pass it is must be known before it can be kept.
        let nobody = self.document.as_ref().is_some_and(|d| d.writable() && d.wanted_rater().is_none());
        if nobody && self.next.is_none() {
            self.over = Over::Setup(Setup::new(self, None));
        }
        match step {
            Step::Moved => self.show_field(false),
            Step::End if complete => self.over = Over::End,
            Step::End => {
                if let (Some(gap), Some(pass)) = (gap, self.open.as_mut().and_then(|o| o.screening.as_mut()))
                {
                    pass.go_to_field(gap);
                    self.show_field(false);
                    self.say(
                        Message::note("That was the last field; on with the first that was left out"),
                        now,
                    );
                }
            }
        }
    }

    pub(super) fn previous_field(&mut self, now: Duration) {
        let Some(pass) = self.open.as_mut().and_then(|o| o.screening.as_mut()) else { return };
        let step = pass.previous(now);
        self.selected = None;
        self.keep_progress();
        match step {
            Step::Moved => self.show_field(false),
            Step::End => self.say(Message::note("This is the first field"), now),
        }
    }

    pub(super) fn keep_progress(&mut self) {
        let pass = self.open.as_ref().and_then(|o| o.screening.as_ref());
        if let (Some(pass), Some(document)) = (pass, &mut self.document) {
            document.keep_progress(pass.progress());
        }
    }

    /// The view shows the current field; `at_once` without a glide.
    pub(super) fn show_field(&mut self, at_once: bool) {
        if self.mode != Mode::Screen {
            return;
        }
        let viewport = self.viewport;
        let Some(open) = &mut self.open else { return };
        let Some(field) = open.screening.as_ref().and_then(|s| s.field()) else { return };
        let to = field_camera(field.rect, viewport, open.motion.target().angle);
        if at_once {
            open.motion.jump(to);
        } else {
            open.motion.go(to, viewport);
        }
    }

    pub(super) fn second_pass(&mut self, now: Duration) {
        self.over = Over::Nothing;
        if let Some(pass) = self.open.as_mut().and_then(|o| o.screening.as_mut()) {
            *pass = pass.afresh();
        }
        let mut number = 2;
        if let Some(document) = &mut self.document {
            number = document.pass() + 1;
            document.ask_progress(Some(number));
        }
        self.show_field(false);
        self.say(Message::note(format!("Pass {number} begins")), now);
    }
}

/// The view that shows a field whole, turned as the view is.
pub(super) fn field_camera(field: crate::model::Rect, viewport: [f64; 2], angle: f64) -> Camera {
    let (sin, cos) = (angle.sin().abs(), angle.cos().abs());
    let turned = [viewport[0] * cos + viewport[1] * sin, viewport[0] * sin + viewport[1] * cos];
    Camera { angle, ..Camera::fit(field, turned, 1.02) }
}
