//! A typed path where the desktop has no file dialog.

use super::{Answer, Request};
use crate::app::theme;
use crossbeam_channel::{Receiver, bounded};
use eframe::egui::{self, Context, Id, Key, Modal, Modifiers, TextEdit, Ui};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// Names read from one folder at most.
const MAX_NAMES: usize = 10_000;
/// Names shown at most.
const SHOWN: usize = 6;

/// What Tab found.
struct Completion {
    asked: String,
    text: String,
    names: Vec<String>,
}

/// A small modal with a field for a path. Tab completes names.
pub struct PathPrompt {
    request: Request,
    text: String,
    names: Vec<String>,
    completing: Option<Receiver<Completion>>,
    to_end: bool,
    fresh: bool,
}

impl PathPrompt {
    /// Asks for what `request` names, starting in `folder`.
    pub fn new(request: Request, folder: Option<&Path>) -> Self {
        let mut text = folder.map_or_else(String::new, |folder| {
            let text = folder.display().to_string();
            if text.ends_with(MAIN_SEPARATOR) { text } else { format!("{text}{MAIN_SEPARATOR}") }
        });
        if let Request::SaveDatabase(name) | Request::SaveKit(name) = &request {
            text.push_str(name);
        }
        Self { request, text, names: Vec::new(), completing: None, to_end: true, fresh: true }
    }

    /// What is asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Draws it; the answer, once there is one.
    pub fn show(&mut self, ctx: &Context) -> Option<Answer> {
        // Before the field sees it, which would move the focus on.
        if ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Tab)) {
            self.complete(ctx);
        }
        self.take_completion();
        let modal = Modal::new(Id::unique("path prompt")).frame(theme::sheet(ctx));
        let modal = modal.show(ctx, |ui| {
            ui.set_width(480.0);
            self.contents(ui)
        });
        if modal.inner.is_none() && modal.should_close() { Some(Answer::Cancelled) } else { modal.inner }
    }

    fn contents(&mut self, ui: &mut Ui) -> Option<Answer> {
        ui.heading(self.request.title());
        ui.add_space(theme::STEP);
        let label = ui.label("This desktop shows no file dialog here. Type the path:");
        let field = TextEdit::singleline(&mut self.text)
            .id(Id::unique("typed path"))
            .desired_width(f32::INFINITY)
            .char_limit(4096)
            .lock_focus(true)
            .min_size(egui::vec2(0.0, theme::CONTROL))
            .align(egui::Align2::LEFT_CENTER);
        let mut output = ui
            .scope(|ui| {
                theme::accent_focus(ui);
                field.show(ui)
            })
            .inner;
        output.response.response.clone().labelled_by(label.id);
        if std::mem::take(&mut self.fresh) {
            output.response.response.request_focus();
        }
        if std::mem::take(&mut self.to_end) {
            let end = egui::text::CCursor::new(self.text.chars().count());
            output.state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
            output.state.store(ui.ctx(), output.response.response.id);
        }
        let typed = expand_home(self.text.trim());
        let entered = output.response.response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let note = match self.names.len() {
            0 => "Tab completes names.".to_owned(),
            n if n > SHOWN => format!("{}  and {} more", self.names[..SHOWN].join("  "), n - SHOWN),
            _ => self.names.join("  "),
        };
        ui.add(egui::Label::new(egui::RichText::new(note).small().weak()).truncate());
        ui.add_space(2.0 * theme::STEP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let ready = typed.is_some();
            let done = ui.add_enabled(ready, egui::Button::new(self.request.verb())).clicked();
            let cancelled = ui.button("Cancel").clicked();
            match typed {
                Some(path) if done || entered => Some(Answer::Chosen(vec![path])),
                _ if cancelled => Some(Answer::Cancelled),
                _ => None,
            }
        })
        .inner
    }

    /// Looks the names up elsewhere: a folder on a network may take seconds.
    fn complete(&mut self, ctx: &Context) {
        if self.completing.is_some() {
            return;
        }
        let (sender, receiver) = bounded(1);
        let (asked, ctx) = (self.text.clone(), ctx.clone());
        let spawned = std::thread::Builder::new().name("complete a path".to_owned()).spawn(move || {
            let (text, names) = completed(&asked);
            let _ = sender.send(Completion { asked, text, names });
            ctx.request_repaint();
        });
        self.completing = spawned.is_ok().then_some(receiver);
    }

    fn take_completion(&mut self) {
        let Some(receiver) = &self.completing else { return };
        match receiver.try_recv() {
            Err(crossbeam_channel::TryRecvError::Empty) => return,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {}
            // Typed on meanwhile: an answer to an older question.
            Ok(found) if found.asked != self.text => {}
            Ok(found) => {
                (self.text, self.names) = (found.text, found.names);
                self.to_end = true;
            }
        }
        self.completing = None;
    }
}

/// `~` and quotes as a shell would read them; `None` for nothing at all.
pub fn expand_home(typed: &str) -> Option<PathBuf> {
    let typed = typed.trim_matches(|c| c == '"' || c == '\'');
    let rest =
        typed.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', MAIN_SEPARATOR]));
    let home = rest.and_then(|rest| {
        let home = etcetera::home_dir().ok()?;
        Some(home.join(rest.trim_start_matches(['/', MAIN_SEPARATOR])))
    });
    (!typed.is_empty()).then(|| home.unwrap_or_else(|| PathBuf::from(typed)))
}

/// `typed` made as long as the names in its folder agree on, and those names (folders end in a separator).
fn completed(typed: &str) -> (String, Vec<String>) {
    let cut = typed.rfind(['/', MAIN_SEPARATOR]).map_or(0, |at| at + 1);
    let (folder, start) = typed.split_at(cut);
    let path = expand_home(folder).unwrap_or_else(|| PathBuf::from("."));
    let Ok(entries) = std::fs::read_dir(path) else { return (typed.to_owned(), Vec::new()) };
    let mut names: Vec<String> = entries
        .take(MAX_NAMES)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let wanted = name.starts_with(start) && (!name.starts_with('.') || start.starts_with('.'));
            wanted.then(|| if entry.path().is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name })
        })
        .collect();
    names.sort();
    let mut common = names.first().cloned().unwrap_or_else(|| start.to_owned());
    for name in &names {
        let same = common.char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        common.truncate(same.unwrap_or(common.len().min(name.len())));
    }
    (format!("{folder}{common}"), names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::{Harness, kittest::Queryable as _};

    #[test]
    fn names_are_completed_as_far_as_they_agree() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["case-07.svs", "case-08.svs", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("slides")).unwrap();
        let root = format!("{}{MAIN_SEPARATOR}", folder.path().display());
        let (text, names) = completed(&format!("{root}c"));
        assert_eq!((text, names.len()), (format!("{root}case-0"), 2));
        assert_eq!(completed(&format!("{root}s")).0, format!("{root}slides{MAIN_SEPARATOR}"));
        assert_eq!(completed(&root).1.len(), 3, "hidden files only when asked for");
        assert_eq!(completed(&format!("{root}.h")).0, format!("{root}.hidden"));
        assert_eq!(completed("/no/such/place").0, "/no/such/place");
    }

    #[test]
    fn home_and_quotes_are_read_as_in_a_shell() {
        assert_eq!(expand_home(""), None);
        assert_eq!(expand_home("'/a b.svs'"), Some(PathBuf::from("/a b.svs")));
        assert_eq!(expand_home("~x/a"), Some(PathBuf::from("~x/a")));
        if let Ok(home) = etcetera::home_dir() {
            assert_eq!(expand_home("~/a.svs"), Some(home.join("a.svs")));
        }
    }

    type State = (PathPrompt, Option<Answer>);

    fn harness(request: Request) -> Harness<'static, State> {
        let state = (PathPrompt::new(request, Some(Path::new("/slides"))), None);
        Harness::builder()
            .with_context_setup(|ctx| {
                theme::install_fonts(ctx);
                theme::apply(ctx, theme::Theme::Dark);
            })
            .build_ui_state(
                |ui, (prompt, answer): &mut State| {
                    if answer.is_none() {
                        *answer = prompt.show(ui.ctx());
                    }
                },
                state,
            )
    }

    #[test]
    fn a_typed_path_is_taken_by_enter_and_by_the_button() {
        let mut window = harness(Request::Slides);
        window.run();
        window.get_by_role(egui::Role::TextInput).type_text("case-07.svs");
        window.run();
        window.key_press(Key::Enter);
        window.run();
        assert_eq!(window.state().1, Some(Answer::Chosen(vec!["/slides/case-07.svs".into()])));

        let mut window = harness(Request::SaveDatabase("study.sqlite".into()));
        window.run();
        window.get_by_label("Create").click();
        window.run();
        assert_eq!(window.state().1, Some(Answer::Chosen(vec!["/slides/study.sqlite".into()])));
    }

    #[test]
    fn tab_completes_and_the_field_keeps_the_focus() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("case-07.svs"), "").unwrap();
        let mut window = harness(Request::Slides);
        window.state_mut().0 = PathPrompt::new(Request::Slides, Some(folder.path()));
        window.run();
        window.get_by_role(egui::Role::TextInput).type_text("ca");
        window.run();
        window.key_press(Key::Tab);
        window.step();
        while window.state().0.completing.as_ref().is_some_and(Receiver::is_empty) {
            std::thread::yield_now();
        }
        window.run();
        assert!(window.get_by_role(egui::Role::TextInput).is_focused());
        window.key_press(Key::Enter);
        window.run();
        assert_eq!(window.state().1, Some(Answer::Chosen(vec![folder.path().join("case-07.svs")])));
    }

    #[test]
    fn escape_and_cancel_choose_nothing() {
        let mut window = harness(Request::Database);
        window.run();
        window.key_press(Key::Escape);
        window.run();
        assert_eq!(window.state().1, Some(Answer::Cancelled));

        let mut window = harness(Request::Folder);
        window.run();
        window.get_by_label("Cancel").click();
        window.run();
        assert_eq!(window.state().1, Some(Answer::Cancelled));
    }

    #[test]
    fn pictures() {
        let mut prompt =
            PathPrompt::new(Request::SaveDatabase("study.sqlite".into()), Some(Path::new("/data")));
        crate::app::parts::testing::pictures("path-prompt", [640.0, 300.0], |ui| {
            prompt.show(ui.ctx());
        });
    }
}
