//! What the coordinator's page asks of the window, and what came of it.

use super::read::{self, MOST_PICTURES, PatchWish, Places};
use super::{Form, KitSlides, KitWish, Page, Patch, Said, Told, Way, camera_on};
use crate::app::dialogs;
use crate::app::document::{Deed, News};
use crate::app::modes::Mode;
use crate::app::overlay::Over;
use crate::app::parts::message::Message;
use crate::app::window::Window;
use crate::model::{Edit, ObjectId, RaterId, TaskId};
use crate::store::{Request, SlideEntry};
use crate::study::disputes::Dispute;
use crate::study::kit::Report;
use crate::study::outcome;
use crate::study::stages::Next;
use eframe::egui::{ColorImage, Context, TextureOptions};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// So often the document is looked at: ballots may come from another program, or from the rater's own window.
const WATCH: Duration = Duration::from_secs(2);
/// Pictures of cells that are kept, 64 KiB each.
const KEPT: usize = 800;
/// Pictures that are asked for at once: what is scrolled past is not worth more.
const AT_ONCE: usize = 24;

impl Window {
    /// Is the page on the screen, with what was read?
    pub(in crate::app) fn study_is_open(&self) -> bool {
        self.mode == Mode::Study && self.study.read.is_some()
    }

    /// Asks for what the page lacks. Called in every frame.
    pub(in crate::app) fn ask_for_study(&mut self, ctx: &Context, now: Duration) {
        let Some(document) = self.document.as_ref().filter(|d| d.is_open()) else { return };
        if self.mode != Mode::Study {
            return;
        }
        let path = document.path().to_owned();
        let key = (document.version(), self.study.acts, self.study.let_through.len());
        // One after the other: what has changed meanwhile is read when the last answer is there.
        if self.study.asked != Some(key) && self.study.asked == self.study.told {
            self.study.asked = Some(key);
            let (let_through, left_out) = (self.study.let_through.clone(), self.study.not_compared.clone());
            read::page(&self.study.jobs, path.clone(), key, let_through, left_out);
        } else if now.saturating_sub(self.study.watched) > WATCH && self.study.jobs.idle() {
            self.study.watched = now;
            read::watch(&self.study.jobs, path.clone());
        }
        ctx.request_repaint_after(WATCH);
        self.ask_for_preview(path);
        self.ask_for_count_of_form();
    }

    fn ask_for_preview(&mut self, path: PathBuf) {
        let study = &mut self.study;
        let (Some(key), Some(read), Page::Outcome) = (study.told, &study.read, study.page) else { return };
        let wanted = (key, study.trial.rule, study.trial.left_out.clone());
        if study.trial.asked.as_ref() == Some(&wanted) {
            return;
        }
        let counts = |r: RaterId| !study.trial.left_out.contains(&r);
        // Everybody, whoever comes later, where nobody is left out.
        let raters = match study.trial.left_out.is_empty() {
            true => Vec::new(),
            false => read.raters.iter().filter(|r| counts(r.id)).map(|r| r.name.clone()).collect(),
        };
        study.trial.asked = Some(wanted);
        study.trial.ticket = study.ticket();
        read::preview(&study.jobs, path, study.trial.ticket, study.trial.rule, raters);
    }

    fn ask_for_count_of_form(&mut self) {
        let Some(document) = &self.document else { return };
        let Over::Task(form) = &mut self.over else { return };
        let wanted = form.wanted();
        if form.asked.as_ref() == Some(&wanted) {
            return;
        }
        form.ticket = self.study.ticket();
        form.asked = Some(wanted.clone());
        read::count(&self.study.jobs, document.path().to_owned(), form.ticket, wanted);
    }

    /// Where slides were opened from.
    fn places(&self) -> Places {
        let opened = self.shelf.slides().iter().filter_map(|s| Some((s.name.clone(), s.path.clone()?)));
        opened.collect()
    }

    /// Says that the coordinator looks, which the journal keeps; the page is read when it is there.
    pub(in crate::app) fn look_as_coordinator(&mut self) {
        let (Some(gate), Some(document)) = (&self.study.gate, &mut self.document) else { return };
        self.study.looking = Some(gate.iter().map(|t| t.id).collect());
        document.edit(Edit::LookedAsCoordinator { command: "window: study".into() });
    }

    /// Opens the form of the next task that makes sense.
    pub(in crate::app) fn next_task(&mut self) {
        if let Some(read) = &self.study.read {
            self.over = Over::Task(Box::new(Form::new(read)));
        }
    }

    /// Does what makes sense next.
    pub(in crate::app) fn do_next(&mut self) {
        let Some(read) = &self.study.read else { return };
        match read.study.next {
            Next::Screen => self.set_mode(Mode::Screen),
            Next::Outcome => self.study.page = Page::Outcome,
            Next::Wait { ref task, .. } => {
                let id = read.study.tasks.iter().find(|t| t.name == *task).map(|t| TaskId(t.id));
                self.study.chosen = id;
            }
            Next::Second { .. } | Next::Third { .. } | Next::Consensus { .. } => self.next_task(),
        }
    }

    /// Opens the form for what the rule on the page leaves undecided.
    pub(in crate::app) fn task_of_undecided(&mut self) {
        let (Some(read), Some(Ok(outcome))) = (&self.study.read, &self.study.trial.preview) else { return };
        self.over = Over::Task(Box::new(Form::of_undecided(read, outcome.open.clone())));
    }

    /// Plans the task of a form; it is made when it is planned.
    pub(in crate::app) fn make_task(&mut self, form: &mut Form) {
        let Some(document) = &self.document else { return };
        (form.making, form.refusal) = (true, None);
        self.study.busy = Some("Making the task…");
        let path = document.path().to_owned();
        read::plan(&self.study.jobs, path, self.places(), form.wanted(), form.wish());
    }

    /// Writes the outcome that is previewed.
    pub(in crate::app) fn write_outcome(&mut self, now: Duration) {
        let Some(Ok(outcome)) = &self.study.trial.preview else { return };
        let deed = Deed::Whole(Arc::new(outcome::edit(outcome)));
        self.do_it(&deed, now);
    }

    /// Opens the question how a kit is made.
    pub(in crate::app) fn ask_kit(&mut self, task: TaskId, name: &str, rater: &str, items: u32) {
        let (name, rater) = (name.to_owned(), rater.to_owned());
        let slides = KitSlides::default();
        self.over = Over::Kit(KitWish { task, name, rater, items, slides });
    }

    /// Asks where a kit goes.
    pub(in crate::app) fn place_kit(&mut self, wish: KitWish) {
        let name = format!("{}.kit", file_name(&wish.name));
        self.study.kit = Some(wish);
        self.ask(dialogs::Request::SaveKit(name));
    }

    /// A place for the kit was chosen.
    pub(in crate::app) fn kit_to(&mut self, to: Option<PathBuf>) {
        let (Some(wish), Some(to), Some(document)) = (self.study.kit.take(), to, &self.document) else {
            return;
        };
        self.study.busy = Some("Making the kit…");
        read::kit_parts(&self.study.jobs, document.path().to_owned(), self.places(), wish, to);
    }

    /// A kit that came back was chosen.
    pub(in crate::app) fn merge_kit(&mut self, file: Option<PathBuf>) {
        let (Some(file), Some(document)) = (file, &self.document) else { return };
        self.study.busy = Some("Looking at the kit…");
        read::look_at_kit(&self.study.jobs, document.path().to_owned(), file);
    }

    /// Something that a job has read.
    pub(in crate::app) fn take_read(&mut self, ctx: &Context, told: Told, now: Duration) {
        let study = &mut self.study;
        match told {
            Told::Gate(key, tasks) if study.asked == Some(key) => {
                study.told = Some(key);
                // Nothing that was read before stays behind the question.
                (study.read, study.figures, study.failure) = (None, None, None);
                study.patches.clear();
                study.trial.preview = None;
                study.trial.asked = None;
                study.gate = Some(tasks);
                if matches!(self.over, Over::Task(_)) {
                    self.over = Over::Nothing;
                }
            }
            Told::Stages(key, read) if study.asked == Some(key) => {
                (study.gate, study.failure) = (None, None);
                study.read = Some(read);
            }
            Told::Figures(key, figures) if study.asked == Some(key) => {
                study.told = Some(key);
                let pairs = figures.compared.as_ref().map_or(0, |c| c.found.pairs.len());
                study.pair = study.pair.min(pairs.saturating_sub(1));
                study.figures = Some(figures);
            }
            Told::Failed(key, why) if study.asked == Some(key) => {
                study.told = Some(key);
                study.failure = Some(why);
            }
            Told::Began(stamp) => study.stamp = stamp,
            Told::Stamp(stamp) => {
                if study.stamp != stamp && study.settled() {
                    study.read_again();
                }
            }
            Told::Gate(..) | Told::Stages(..) | Told::Figures(..) | Told::Failed(..) => {}
            Told::Counted(ticket, counted) => {
                if let Over::Task(form) = &mut self.over
                    && form.ticket == ticket
                {
                    form.counted = Some(counted);
                }
            }
            Told::Planned(Ok(new)) => {
                if let Some(document) = &self.document {
                    document.ask(Request::CreateTask(new));
                }
            }
            Told::Planned(Err(why)) => self.task_refused(why, now),
            Told::Preview(ticket, preview) => {
                if study.trial.ticket == ticket {
                    study.trial.preview = Some(preview);
                }
            }
            Told::Kit(Ok(incoming)) => {
                if let Some(document) = &self.document {
                    study.busy = Some("Merging the kit…");
                    document.ask(Request::MergeKit(incoming));
                }
            }
            Told::KitReady(Ok(parts)) => {
                if let Some(document) = &self.document {
                    let super::KitParts { task, to, named, pictures } = *parts;
                    document.ask(Request::MakeKit { task: Box::new(task), to, named, pictures });
                }
            }
            Told::Kit(Err(why)) | Told::KitReady(Err(why)) => self.page_refused(why, now),
            Told::Patch(object, pixels) => {
                let patch = pixels.map_or(Patch::Missing, |p| {
                    let size = [p.width as usize, p.height as usize];
                    let image = ColorImage::from_rgba_unmultiplied(size, &p.rgba);
                    Patch::Shown(ctx.load_texture("cell", image, TextureOptions::LINEAR))
                });
                if study.read.is_some() {
                    study.patches.insert(object, patch);
                }
            }
        }
    }

    /// Something that was asked of the document was refused.
    pub(in crate::app) fn study_refused(&mut self, what: &str, why: String, now: Duration) {
        self.study.looking = None;
        match what {
            "task made" => self.task_refused(why, now),
            _ => self.page_refused(why, now),
        }
    }

    /// A task was not made: the form says why, while it is open.
    fn task_refused(&mut self, why: String, now: Duration) {
        if let Over::Task(form) = &mut self.over {
            self.study.busy = None;
            form.making = false;
            form.refusal = Some(why);
        } else {
            self.page_refused(why, now);
        }
    }

    /// The page says it, and the status line where the page is not on the screen.
    fn page_refused(&mut self, why: String, now: Duration) {
        self.study.busy = None;
        if self.mode != Mode::Study {
            self.say(Message::error(why.clone()), now);
        }
        self.study.said = Some(Said { words: why, error: true });
    }

    /// What the document says of tasks and kits.
    pub(in crate::app) fn take_study(&mut self, news: News, now: Duration) {
        self.study.busy = None;
        let words = match news {
            News::TaskMade(name, rater, items) => {
                if matches!(self.over, Over::Task(_)) {
                    self.over = Over::Nothing;
                }
                format!("Task “{name}” made for {rater}: {items} items")
            }
            News::KitMade(to, rater, pictures) => {
                let name = to.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                let brings = if pictures > 0 {
                    format!("it brings {pictures} pictures and needs no slides")
                } else {
                    "it needs the slides beside it".to_owned()
                };
                format!("Kit {name} made for {rater}: {brings}")
            }
            News::KitMerged(incoming, merged) => {
                format!("Kit of {}", Report::new(&incoming, merged).sentence())
            }
            _ => return,
        };
        self.study.read_again();
        self.study.said = Some(Said { words: words.clone(), error: false });
        self.say(Message::note(words), now);
    }

    /// The cells that the page lists: all disagreements, or those of one pair.
    pub(in crate::app) fn disputes_shown(&self) -> Vec<usize> {
        let Some(figures) = &self.study.figures else { return Vec::new() };
        let fits = |d: &Dispute| self.study.between.is_none_or(|(a, b)| d.between(a, b));
        figures.disputes.iter().enumerate().filter(|(_, d)| fits(d)).map(|(at, _)| at).collect()
    }

    /// Asks for the pictures of cells that are in view.
    pub(in crate::app) fn ask_for_patches(&mut self, cells: &[usize]) {
        let (Some(figures), Some(read), Some(document)) =
            (self.study.figures.clone(), self.study.read.clone(), &self.document)
        else {
            return;
        };
        let path = document.path().to_owned();
        let on_their_way = self.study.patches.values().filter(|p| matches!(p, Patch::Asked)).count();
        let mut by_slide: BTreeMap<i64, PatchWish> = BTreeMap::new();
        let mut room = AT_ONCE.saturating_sub(on_their_way);
        for dispute in cells.iter().filter_map(|at| figures.disputes.get(*at)) {
            let (Some(at), Some(entry)) = (dispute.at, read.slide(dispute.slide)) else { continue };
            if room == 0 || self.study.patches.contains_key(&dispute.object) {
                continue;
            }
            room -= 1;
            self.study.patches.insert(dispute.object, Patch::Asked);
            let wish = by_slide.entry(dispute.slide.0).or_insert_with(|| PatchWish {
                entry: entry.clone(),
                open: self.open_source(entry),
                cells: Vec::new(),
            });
            wish.cells.push((dispute.object, at));
        }
        if by_slide.is_empty() {
            return;
        }
        let shown: Vec<ObjectId> =
            cells.iter().filter_map(|at| figures.disputes.get(*at)).map(|d| d.object).collect();
        if self.study.patches.len() > KEPT {
            self.study.patches.retain(|o, p| shown.contains(o) || matches!(p, Patch::Asked));
        }
        let places = self.places();
        for wish in by_slide.into_values() {
            read::patches(&self.study.pictures, path.clone(), places.clone(), wish);
        }
    }

    fn open_source(&self, entry: &SlideEntry) -> Option<Arc<dyn crate::slide::SlideSource>> {
        let open = self.open.as_ref()?;
        let here = self.document.as_ref().and_then(|d| d.slide()) == Some(entry.id);
        here.then(|| Arc::clone(&open.source))
    }

    /// Shows a cell on its slide.
    pub(in crate::app) fn go_to_cell(&mut self, dispute: &Dispute) {
        let Some(read) = &self.study.read else { return };
        let (Some(at), Some(entry)) = (dispute.at, read.slide(dispute.slide).cloned()) else { return };
        let object = dispute.object;
        self.set_mode(Mode::View);
        if self.document.as_ref().and_then(|d| d.slide()) == Some(entry.id)
            && let Some(open) = &mut self.open
        {
            let to = camera_on(at, open);
            open.motion.jump(to);
            (open.start, open.placed) = (Some(to), true);
            self.selected = Some(object);
            return;
        }
        let mut listed = self.shelf.slides().iter().enumerate().filter(|(_, s)| s.name == entry.filename);
        let first = listed.clone().next().map(|(at, _)| at);
        let of_folder = listed.find(|(_, s)| s.directory == entry.directory).map(|(at, _)| at);
        if let Some(row) = of_folder.or(first) {
            self.study.way = Some(Way { filename: entry.filename, at, object });
            self.open_listed(row);
        }
    }
}

/// May the kit of a task of so many items bring pictures?
pub(in crate::app) const fn pictures_fit(items: u32) -> bool {
    items <= MOST_PICTURES
}

/// A file's name of a task's: letters, digits, blanks and hyphens.
fn file_name(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') { c } else { '-' };
    let name: String = name.chars().take(80).map(keep).collect();
    if name.trim().is_empty() { "task".into() } else { name.trim().to_owned() }
}
