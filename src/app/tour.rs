//! The tour on the demo slide: opened, screened, labelled and counted by the same actions as in the window.

use super::headless::Headless;
use super::jobs;
use super::report::{self, Figures, Picture};
use super::settings::Store;
use super::window::Window;
use super::{Start, run as open_window};
use crate::model::{Camera, Magnification, SlidePx};
use crate::slide::Pixels;
use crate::slide::synthetic::{self, Cell, Recipe};
use eframe::egui::{Key, Modifiers};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

const SIZE: [u32; 2] = [1280, 800];
const RATER: &str = "Demo rater";

/// Shows the tour; headless, pictures, the document and a report go into `folder`.
///
/// # Errors
/// One sentence.
pub fn run(headless: bool, folder: &Path) -> Result<(), String> {
    if !headless {
        return open_window(Start { demo: true, ..Start::default() });
    }
    let mut shown = 0;
    let terminal = std::io::stderr().is_terminal();
    let mut progress = |done: u64, total: u64| {
        let percent = 100 * done / total.max(1);
        if terminal && percent != shown {
            shown = percent;
            let _ = write!(std::io::stderr(), "\rmaking the demo slide: {percent} %");
            if percent == 100 {
                let _ = writeln!(std::io::stderr());
            }
        }
        true
    };
    walk(folder, &jobs::DEMO, &mut progress).map(drop)
}

/// Goes the whole way on a slide of this recipe, and leaves everything in `folder`.
///
/// # Errors
/// One sentence.
pub fn walk(
    folder: &Path,
    recipe: &Recipe,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Figures, String> {
    let slide = jobs::make_demo(folder, recipe, progress)?;
    let truth = synthetic::truth(recipe).map_err(|e| e.to_string())?;
    let database = slide.with_extension("sqlite");
    set_aside(&database)?;
    let mut settings = Store::memory();
    settings.change(|s| s.reduced_motion = true);
    let desk = Headless::new(SIZE, 1.0, settings, Start::default()).map_err(|e| e.to_string())?;
    let mut tour = Tour { desk, pictures: Vec::new(), truth };
    tour.look_around(&slide)?;
    tour.screen()?;
    tour.count()?;
    let figures = tour.figures(&slide, &database)?;
    report::write(folder, &figures, &tour.pictures)?;
    Ok(figures)
}

/// The document of an earlier run may hold somebody's labels: it is kept under another name.
fn set_aside(database: &Path) -> Result<(), String> {
    if !database.exists() {
        return Ok(());
    }
    let name = |n: u32| database.with_extension(format!("before-{n}.sqlite"));
    let free = (1..10_000).map(name).find(|p| !p.exists());
    let to =
        free.ok_or_else(|| format!("{}: there are too many earlier runs beside it", database.display()))?;
    std::fs::rename(database, &to).map_err(|e| format!("{}: can't be renamed ({e})", database.display()))
}

struct Tour {
    desk: Headless,
    pictures: Vec<(Picture, Pixels)>,
    truth: Vec<Cell>,
}

impl Tour {
    fn look(&mut self) -> Result<Pixels, String> {
        self.desk.settle()?;
        self.desk.picture().map_err(|e| e.to_string())
    }

    fn put(&mut self, name: &str, words: &str, pixels: Pixels) {
        let file = format!("{}-{name}.png", self.pictures.len() + 1);
        self.pictures.push((Picture { file, words: words.into() }, pixels));
    }

    fn keep(&mut self, name: &str, words: &str) -> Result<(), String> {
        let pixels = self.look()?;
        self.put(name, words, pixels);
        Ok(())
    }

    fn look_around(&mut self, slide: &Path) -> Result<(), String> {
        self.desk.settle()?;
        self.desk.window.open_slide(slide);
        self.desk.until(|w| w.opened().is_some() || w.failed(), "the demo slide was not opened")?;
        self.keep("overview", "The demo slide as a whole.")
    }

    /// Field by field; in each, the cells of the truth are labelled at their places.
    fn screen(&mut self) -> Result<(), String> {
        self.desk.press(Key::F3, Modifiers::NONE);
        let found = |w: &Window| w.opened().is_some_and(|o| o.screening.is_some()) || w.failed();
        self.desk.until(found, "the tissue was not found")?;
        self.keep(
            "screening",
            "The first field of the screening; the map shows what is done and what is open.",
        )?;
        let fields = self.pass(|s| s.plan().fields.len())?;
        let mut left: Vec<Cell> = self.truth.clone();
        let (mut richest, mut fullest) = (0, None);
        for _ in 0..fields {
            let field = self.pass(|s| s.field().map(|f| f.rect))?;
            let Some(field) = field else { break };
            let (here, later): (Vec<Cell>, Vec<Cell>) =
                left.into_iter().partition(|c| field.contains(SlidePx::new(c.x, c.y)));
            left = later;
            for cell in &here {
                self.label(cell)?;
            }
            if here.len() > richest {
                richest = here.len();
                fullest = Some(self.look()?);
            }
            self.desk.press(Key::N, Modifiers::NONE);
            self.desk.until(saved, "the place was not saved")?;
        }
        if !self.desk.window.asks() {
            return Err("the screening did not come to its end".into());
        }
        if let Some(pixels) = fullest {
            let words = "A field with its labels: rings are mitotic figures, rings with a gap look-alikes.";
            self.put("labelled", words, pixels);
        }
        self.keep("end", "All tissue was seen.")?;
        self.desk.press(Key::Escape, Modifiers::NONE);
        Ok(())
    }

    fn pass<T>(&self, read: impl FnOnce(&super::modes::screening::Screening) -> T) -> Result<T, String> {
        let pass = self.desk.window.opened().and_then(|o| o.screening.as_ref());
        pass.map(read).ok_or_else(|| "there is no screening plan".into())
    }

    /// The pointer on the cell, then its digit; the first time the window asks who labels.
    fn label(&mut self, cell: &Cell) -> Result<(), String> {
        if !self.desk.point_at(SlidePx::new(cell.x, cell.y)) {
            return Err(format!("the cell at {:.0},{:.0} is not in view", cell.x, cell.y));
        }
        self.desk.press(if cell.mitotic { Key::Num1 } else { Key::Num2 }, Modifiers::NONE);
        if self.desk.window.asks() {
            self.desk.step();
            self.desk.write(RATER);
            self.desk.press(Key::Enter, Modifiers::NONE);
            self.desk.until(|w| w.document().is_some() || w.failed(), "the document was not made")?;
        }
        self.desk.until(|w| w.document().is_some_and(|d| d.loaded()) && saved(w), "the label was not saved")
    }

    fn count(&mut self) -> Result<(), String> {
        self.desk.press(Key::F4, Modifiers::NONE);
        self.desk.press(Key::Z, Modifiers::COMMAND);
        self.desk.until(saved, "undo did not end")?;
        self.desk.press(Key::Z, Modifiers::COMMAND.plus(Modifiers::SHIFT));
        self.desk.until(saved, "redo did not end")?;
        self.desk.settle()?;
        self.desk.press(Key::G, Modifiers::NONE);
        self.keep("count", "The mitotic count: the green rectangle holds the most mitotic figures.")?;
        let figure = self.truth.iter().find(|c| c.phase == "metaphase").or(self.truth.first());
        if let Some(cell) = figure {
            let (at, objective) = (SlidePx::new(cell.x, cell.y), Magnification(40.0));
            self.desk.press(Key::F2, Modifiers::NONE);
            if let Some(resolution) = self.desk.window.opened().and_then(|o| o.resolution()) {
                self.desk.window.look(Camera::at(at, objective, resolution));
            }
            self.keep("cell", "A mitotic figure at 40x.")?;
        }
        Ok(())
    }

    fn figures(&self, slide: &Path, database: &Path) -> Result<Figures, String> {
        let window = &self.desk.window;
        let (Some(document), Some(count)) = (window.document(), window.count()) else {
            return Err("nothing was counted".into());
        };
        let of = |class: i64| {
            let labelled = document.objects().iter().filter(|o| !o.deleted && o.agreed.0 == class);
            labelled.count()
        };
        let name = |p: &Path| p.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let (fields, seen, tissue_mm2) =
            self.pass(|s| (s.plan().fields.len(), s.progress().done.len(), s.plan().tissue_mm2))?;
        let mitotic = self.truth.iter().filter(|c| c.mitotic).count();
        Ok(Figures {
            slide: name(slide),
            database: name(database),
            rater: RATER.into(),
            fields,
            fields_seen: seen,
            tissue_mm2,
            mitotic: of(1),
            look_alikes: of(2),
            truth_mitotic: mitotic,
            truth_look_alikes: self.truth.len() - mitotic,
            count: count.maximum.count,
            interval: count.interval,
            rect: count.maximum.rect,
        })
    }
}

fn saved(window: &Window) -> bool {
    window.document().is_none_or(|d| d.pending() == 0) || window.failed()
}
