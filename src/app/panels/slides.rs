//! The slide list at the left.

use super::heading;
use crate::app::action::Action;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::{Window, now};
use eframe::egui::{
    Align2, Color32, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, TextureHandle, Ui,
    WidgetInfo, pos2, vec2,
};

const ROW: f32 = 52.0;
const PICTURE: f32 = 44.0;

/// Draws the list.
pub fn show(window: &mut Window, ui: &mut Ui) {
    ui.take_available_width();
    let n = window.shelf.slides().len();
    heading(ui, &if n == 0 { "SLIDES".to_owned() } else { format!("SLIDES  {n}") });
    if n == 0 {
        parts::caption(ui, "Opened slides, and those of the document, are listed here.");
        ui.add_space(2.0 * theme::STEP);
        if ui.button("Open slide…").clicked() {
            let ctx = ui.ctx().clone();
            window.act(Action::OpenSlide, &ctx, now(&ctx));
        }
        return;
    }
    if n > 8 {
        let field = TextEdit::singleline(&mut window.filter).hint_text("Filter by name").char_limit(200);
        let response = ui.add(field.desired_width(f32::INFINITY));
        let text = window.filter.clone();
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::TextInput, true, "Filter slides");
            info.current_text_value = Some(text.clone());
            info
        });
        ui.add_space(theme::STEP);
    }
    let filter = window.filter.trim().to_lowercase();
    // Without a filter nothing is looked at but what is in view.
    let shown: Vec<usize> = (0..n)
        .filter(|at| filter.is_empty() || window.shelf.slides()[*at].name.to_lowercase().contains(&filter))
        .collect();
    if shown.is_empty() {
        ui.weak("No slide has this in its name.");
        return;
    }
    let current = window.opened().map(|o| o.path().to_owned());
    let mut chosen = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical().auto_shrink([false, false]).show_rows(ui, ROW, shown.len(), |ui, range| {
        for at in range {
            let slide = &window.shelf.slides()[shown[at]];
            let active = slide.path.is_some() && slide.path == current;
            let words = match slide.objects {
                _ if slide.failed => "can't be opened".to_owned(),
                None if window.document.is_none() => String::new(),
                None => "not in the document".to_owned(),
                Some(1) => "1 object".to_owned(),
                Some(n) => format!("{n} objects"),
            };
            let name = if slide.name.is_empty() { "unnamed slide" } else { &slide.name };
            if row(ui, name, &words, slide.thumbnail.as_ref(), active) {
                chosen = Some(shown[at]);
            }
        }
    });
    if let Some(at) = chosen {
        window.open_listed(at);
    }
}

fn row(ui: &mut Ui, name: &str, words: &str, picture: Option<&TextureHandle>, active: bool) -> bool {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, active, name));
    if active || response.hovered() {
        ui.painter().rect_filled(rect, 4.0, if active { t.selection } else { t.hover });
    }
    let frame = Rect::from_min_size(rect.min + vec2(4.0, (ROW - PICTURE) / 2.0), vec2(PICTURE, PICTURE));
    match picture {
        Some(texture) => {
            let size = texture.size_vec2();
            let size = size * (PICTURE / size.max_elem().max(1.0));
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let inside = Rect::from_center_size(frame.center(), size);
            ui.painter().image(texture.id(), inside, whole, Color32::WHITE);
        }
        None => {
            ui.painter().rect_stroke(frame.shrink(6.0), 2.0, Stroke::new(1.0, t.line), StrokeKind::Inside);
        }
    }
    let left = frame.right() + 8.0;
    let room = (rect.right() - left - 4.0).max(20.0);
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(name.into(), theme::font(13.0), t.text);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    let title = ui.painter().layout_job(job);
    let up = if words.is_empty() { title.size().y / 2.0 } else { 17.0 };
    ui.painter().galley(pos2(left, rect.center().y - up), title, t.text);
    let at = pos2(left, rect.center().y + 9.0);
    ui.painter().text(at, Align2::LEFT_CENTER, words, theme::font(11.0), t.quiet);
    response.on_hover_text(name).clicked()
}
