//! Where a task's slides are. On workers' threads alone: it reads the disk.
//!
//! No name of a slide leaves this file: what can't be found is told by the slide's code.

use crate::app::dialogs::SLIDE_ENDINGS;
use crate::files;
use crate::model::TaskSlide;
use crate::slide::{self, SlideSource};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Slides that are kept open for patches.
const OPEN: usize = 8;
/// Files of a folder that are looked at when a slide is known by its print alone.
const MOST_FILES: usize = 5000;

/// Finds slides and keeps the latest ones open.
pub struct Finder {
    slides: Vec<TaskSlide>,
    /// Where to look: the folder of the document or kit, and those in which slides were opened before.
    folders: Vec<PathBuf>,
    kit: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    prints: HashMap<PathBuf, [u8; 32]>,
    /// The latest one last.
    open: Vec<(u32, Arc<dyn SlideSource>)>,
    missing: HashMap<u32, String>,
}

impl Finder {
    /// A finder for a task in `file`.
    pub fn new(slides: &[TaskSlide], file: &Path, kit: bool, before: &[PathBuf]) -> Self {
        let mut folders = vec![files::folder_of(file).to_owned()];
        for folder in before.iter().map(|p| files::folder_of(p).to_owned()) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Self { slides: slides.to_vec(), folders, kit, known: Mutex::default() }
    }

    /// A slide by its number, open; a calm sentence where it can't be shown.
    ///
    /// # Errors
    /// When it is not found or can't be read.
    pub fn source(&self, number: u32) -> Result<Arc<dyn SlideSource>, String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = known.open.iter().position(|(n, _)| *n == number) {
            let entry = known.open.remove(at);
            let source = Arc::clone(&entry.1);
            known.open.push(entry);
            return Ok(source);
        }
        if let Some(why) = known.missing.get(&number) {
            return Err(why.clone());
        }
        match self.open(number, &mut known) {
            Ok(source) => {
                known.open.push((number, Arc::clone(&source)));
                if known.open.len() > OPEN {
                    known.open.remove(0);
                }
                Ok(source)
            }
            Err(why) => {
                known.missing.insert(number, why.clone());
                Err(why)
            }
        }
    }

    /// Looks anew for what was not found.
    pub fn look_again(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.missing.clear();
        known.prints.clear();
    }

    fn open(&self, number: u32, known: &mut Known) -> Result<Arc<dyn SlideSource>, String> {
        let Some(slide) = self.slides.iter().find(|s| s.number == number) else {
            return Err("this item's slide is not in the task".into());
        };
        let path = self.path(slide, known)?;
        // The reader's own words would name the file.
        slide::open(&path).map_err(|_| format!("{} can't be read; copy its file again", slide.code))
    }

    fn path(&self, slide: &TaskSlide, known: &mut Known) -> Result<PathBuf, String> {
        let beside = if self.kit { "kit" } else { "document" };
        let missing = || format!("{} is not here; put the slides beside the {beside}", slide.code);
        let Some(name) = &slide.filename else {
            let print = slide.print.ok_or_else(missing)?.0;
            return self.by_print(&print, known).ok_or_else(missing);
        };
        // Names of a kit come from elsewhere: no way out of the folder by them.
        let base = Path::new(name).file_name().ok_or_else(missing)?;
        let named = slide.directory.as_deref().map(PathBuf::from);
        let places = named.iter().chain(&self.folders).map(|f| f.join(base)).filter(|p| p.is_file());
        let mut other = false;
        for path in places {
            match slide.print {
                Some(print) if print_of(&path, known) != Some(print.0) => other = true,
                _ => return Ok(path),
            }
        }
        if other {
            return Err(format!("the file of {} is another one than the task was made with", slide.code));
        }
        Err(missing())
    }

    fn by_print(&self, print: &[u8; 32], known: &mut Known) -> Option<PathBuf> {
        self.folders.iter().flat_map(|f| slides_in(f)).find(|p| print_of(p, known).as_ref() == Some(print))
    }
}

fn slides_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_slide = |p: &PathBuf| {
        let ending = p.extension().map(|e| e.to_string_lossy().to_lowercase());
        ending.is_some_and(|e| SLIDE_ENDINGS.contains(&e.as_str())) && p.is_file()
    };
    let mut paths: Vec<PathBuf> =
        entries.take(MOST_FILES).flatten().map(|e| e.path()).filter(is_slide).collect();
    paths.sort();
    paths
}

fn print_of(path: &Path, known: &mut Known) -> Option<[u8; 32]> {
    if let Some(print) = known.prints.get(path) {
        return Some(*print);
    }
    let print = files::print(path).ok()?;
    known.prints.insert(path.to_owned(), print);
    Some(print)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    fn slide(filename: Option<&str>, print: Option<[u8; 32]>) -> TaskSlide {
        TaskSlide {
            number: 3,
            code: "slide 3".into(),
            filename: filename.map(Into::into),
            directory: Some("/nowhere".into()),
            size: None,
            resolution: None,
            print: print.map(Digest),
        }
    }

    #[test]
    fn a_slide_is_found_by_name_or_by_print_and_never_named_where_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case-07.png");
        image::RgbaImage::new(4, 4).save(&path).unwrap();
        let print = files::print(&path).unwrap();
        let kit = folder.path().join("a.kit");
        let find = |s: TaskSlide| Finder::new(&[s], &kit, true, &[]).source(3).map(|s| s.facts().width);
        assert_eq!(find(slide(Some("case-07.png"), None)), Ok(4));
        assert_eq!(find(slide(Some("case-07.png"), Some(print))), Ok(4));
        assert_eq!(find(slide(None, Some(print))), Ok(4));
        for missing in [slide(Some("case-08.png"), None), slide(None, Some([7; 32])), slide(None, None)] {
            assert_eq!(find(missing).unwrap_err(), "slide 3 is not here; put the slides beside the kit");
        }
        let other = find(slide(Some("case-07.png"), Some([7; 32]))).unwrap_err();
        assert!(other.contains("another one") && !other.contains("case"), "{other}");
    }

    #[test]
    fn what_was_missing_is_looked_for_again_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let kit = folder.path().join("a.kit");
        let finder = Finder::new(&[slide(Some("b.png"), None)], &kit, true, &[]);
        assert!(finder.source(3).is_err());
        image::RgbaImage::new(4, 4).save(folder.path().join("b.png")).unwrap();
        assert!(finder.source(3).is_err());
        finder.look_again();
        assert!(finder.source(3).is_ok());
        assert!(finder.source(9).is_err());
    }
}
