//! What runs beside the window, and what the panels ask of the window's state.

use super::opened::Tissue;
use super::parts::message::Message;
use super::parts::progress::Work;
use super::viewport::shown_classes;
use super::window::{Window, now};
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Class, Object, Role, SlidePx};
use eframe::egui::{Color32, Context};
use std::time::Duration;

/// Before this an estimate of the time left is worth nothing.
const SOON: Duration = Duration::from_millis(800);

impl Window {
    /// Everything that runs now.
    pub(super) fn work(&self, ctx: &Context) -> Vec<Work> {
        let short = |title: String| Work {
            title,
            done: 0,
            total: None,
            unit: "",
            per_second: None,
            left: None,
            cancelling: None,
        };
        let mut items = Vec::new();
        if let Some(demo) = &self.demo {
            let (done, total) = demo.done;
            let took = now(ctx).saturating_sub(demo.since);
            let rate = (took > SOON && done > 0).then(|| done as f64 / took.as_secs_f64());
            items.push(Work {
                done,
                total: Some(total).filter(|t| *t > 0),
                unit: "tiles",
                per_second: rate,
                left: rate.map(|r| Duration::from_secs_f64(total.saturating_sub(done) as f64 / r)),
                cancelling: Some(demo.cancelling),
                ..short("Making the demo slide".into())
            });
        }
        if let Some(open) = &self.open
            && matches!(open.tissue, Tissue::Searching)
        {
            items.push(short(format!("Finding the tissue of {}", open.facts().file_name())));
        }
        items
    }

    /// Stops what can be stopped.
    pub(super) fn cancel_work(&mut self) {
        if let Some(demo) = &mut self.demo {
            demo.cancelling = true;
            self.slow.cancel();
        }
    }

    /// The document's classes with the colours they are drawn in.
    pub(super) fn classes_shown(&self) -> Vec<Class> {
        self.document.as_ref().map_or_else(Vec::new, |d| shown_classes(d.classes(), self.settings.get()))
    }

    /// The digit of the first class of a role; of the default classes where the document has none.
    pub(super) fn digit_of(&self, role: Role) -> Option<usize> {
        let classes = self.document.as_ref().map_or(&[][..], |d| d.classes());
        let at = if classes.is_empty() {
            DEFAULT_CLASSES.iter().position(|(_, _, of)| *of == role)
        } else {
            classes.iter().position(|c| c.role == role)
        };
        at.map(|at| at + 1).filter(|digit| *digit <= 9)
    }

    /// Name and colour of the class to draw with.
    pub(super) fn class_shown(&self) -> Option<(String, Color32)> {
        let class = self.classes_shown().into_iter().nth(self.class)?;
        Some((class.name, Color32::from_rgb(class.color.0, class.color.1, class.color.2)))
    }

    /// The selected object, unless it was deleted meanwhile.
    pub(super) fn selected_object(&self) -> Option<&Object> {
        self.document.as_ref()?.object(self.selected?)
    }

    /// Screens on from the field at a place of the slide.
    pub(super) fn go_to_field_at(&mut self, place: SlidePx, now: Duration) {
        let Some(pass) = self.open.as_mut().and_then(|o| o.screening.as_mut()) else { return };
        let before = pass.progress().current;
        if !pass.go_to(place) {
            self.say(Message::note("There is no tissue at this place"), now);
        } else if pass.progress().current != before {
            self.keep_progress();
            self.show_field(false);
        }
    }
}
