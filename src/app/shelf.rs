//! The list of slides: those that were opened, and those of the document.

use crate::store::SlideEntry;
use eframe::egui::TextureHandle;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Slides in the list at most; a document of more is worked on by its search field.
const MOST: usize = 100_000;

/// One slide of the list.
pub struct Listed {
    /// Base name.
    pub name: String,
    /// Where it was opened from, if it was.
    pub path: Option<PathBuf>,
    /// Folder that the document names, a hint only.
    pub directory: String,
    /// Its small picture, once there is one.
    pub thumbnail: Option<TextureHandle>,
    /// Objects that are not deleted, if the document has the slide.
    pub objects: Option<u64>,
    /// Could it not be opened when it was tried last?
    pub failed: bool,
}

/// The list.
#[derive(Default)]
pub struct Shelf {
    slides: Vec<Listed>,
}

impl Shelf {
    /// All of them, in their order.
    pub fn slides(&self) -> &[Listed] {
        &self.slides
    }

    /// Puts a file into the list, or finds it there; its place.
    pub fn add(&mut self, path: &Path) -> usize {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let folder = path.parent();
        let open = |s: &Listed| s.path.is_none() && s.name == name;
        let mut unopened = self.slides.iter().enumerate().filter(|(_, s)| open(s)).map(|(at, _)| at);
        let only = unopened.next().filter(|_| unopened.next().is_none());
        let known = self.slides.iter().position(|s| s.path.as_deref() == Some(path));
        let here = || self.slides.iter().position(|s| open(s) && folder == Some(Path::new(&s.directory)));
        if let Some(at) = known.or_else(here).or(only) {
            self.slides[at].path = Some(path.to_owned());
            return at;
        }
        self.slides.push(Listed {
            name,
            path: Some(path.to_owned()),
            directory: String::new(),
            thumbnail: None,
            objects: None,
            failed: false,
        });
        self.slides.len() - 1
    }

    /// The document's slides: counts are renewed, slides not in the list yet come to its end.
    pub fn merge(&mut self, entries: &[SlideEntry]) {
        let mut named: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, slide) in self.slides.iter().enumerate() {
            named.entry(slide.name.clone()).or_default().push(at);
        }
        for entry in entries {
            let of_name = named.entry(entry.filename.clone()).or_default();
            if let Some(at) = of_name.iter().copied().find(|at| fits(&self.slides[*at], entry)) {
                let listed = &mut self.slides[at];
                listed.objects = Some(entry.objects);
                listed.directory.clone_from(&entry.directory);
            } else if self.slides.len() < MOST {
                of_name.push(self.slides.len());
                self.slides.push(Listed {
                    name: entry.filename.clone(),
                    path: None,
                    directory: entry.directory.clone(),
                    thumbnail: None,
                    objects: Some(entry.objects),
                    failed: false,
                });
            }
        }
    }

    /// Forgets what a document said; slides that only it knew leave the list.
    pub fn document_closed(&mut self) {
        self.slides.retain(|s| s.path.is_some());
        for slide in &mut self.slides {
            slide.objects = None;
            slide.directory.clear();
        }
    }

    /// A slide's number of objects, after a change.
    pub fn set_objects(&mut self, path: &Path, objects: u64) {
        if let Some(slide) = self.slides.iter_mut().find(|s| s.path.as_deref() == Some(path)) {
            slide.objects = Some(objects);
        }
    }

    /// The slide could be opened, or not.
    pub fn tried(&mut self, at: usize, failed: bool) {
        if let Some(slide) = self.slides.get_mut(at) {
            slide.failed = failed;
        }
    }

    /// A slide's picture has come.
    pub fn set_thumbnail(&mut self, path: &Path, texture: TextureHandle) {
        if let Some(slide) = self.slides.iter_mut().find(|s| s.path.as_deref() == Some(path)) {
            slide.thumbnail = Some(texture);
        }
    }

    /// Where the slide at `at` may lie, most likely first: where it was opened from, beside the document, in the
    /// folder that the document names, beside other slides.
    pub fn places(&self, at: usize, document: Option<&Path>) -> Vec<PathBuf> {
        let Some(slide) = self.slides.get(at) else { return Vec::new() };
        let mut places: Vec<PathBuf> = slide.path.iter().cloned().collect();
        let beside = document.and_then(Path::parent).map(Path::to_owned);
        let hint = Some(slide.directory.as_str()).filter(|d| !d.is_empty()).map(PathBuf::from);
        let others = self.slides.iter().filter_map(|s| s.path.as_deref()?.parent().map(Path::to_owned));
        for folder in hint.into_iter().chain(beside).chain(others) {
            let place = folder.join(&slide.name);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

/// May a listed slide be the document's entry of the same name? Files in two folders are two slides.
fn fits(listed: &Listed, entry: &SlideEntry) -> bool {
    match listed.path.as_deref().and_then(Path::parent) {
        Some(folder) => {
            entry.directory.is_empty()
                || folder == Path::new(&entry.directory)
                || !Path::new(&entry.directory).is_absolute()
                || listed.directory == entry.directory
                || listed.directory.is_empty()
        }
        None => listed.directory == entry.directory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SlideId;

    fn entry(id: i64, filename: &str, directory: &str, objects: u64) -> SlideEntry {
        SlideEntry {
            id: SlideId(id),
            filename: filename.into(),
            directory: directory.into(),
            size: None,
            resolution: None,
            case: None,
            objects,
        }
    }

    #[test]
    fn opened_slides_and_those_of_the_document_become_one_list() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.add(Path::new("/s/a.svs")), 0);
        assert_eq!(shelf.add(Path::new("/s/a.svs")), 0);
        shelf.merge(&[entry(1, "a.svs", "/elsewhere", 3), entry(2, "b.svs", "/old", 5)]);
        let got: Vec<(&str, Option<u64>)> =
            shelf.slides().iter().map(|s| (s.name.as_str(), s.objects)).collect();
        assert_eq!(got, [("a.svs", Some(3)), ("b.svs", Some(5))]);
        let places = shelf.places(1, Some(Path::new("/d/study.sqlite")));
        assert_eq!(places, ["/old/b.svs", "/d/b.svs", "/s/b.svs"].map(PathBuf::from));
        shelf.document_closed();
        assert_eq!(shelf.slides().len(), 1);
        assert_eq!(shelf.slides()[0].objects, None);
    }

    #[test]
    fn slides_of_one_name_in_two_folders_stay_two() {
        let mut shelf = Shelf::default();
        shelf.merge(&[entry(1, "01.tif", "/x", 1), entry(2, "01.tif", "/y", 2)]);
        assert_eq!(shelf.slides().len(), 2);
        assert_eq!(shelf.add(Path::new("/y/01.tif")), 1, "the row of its own folder");
        assert_eq!(shelf.add(Path::new("/x/01.tif")), 0);
    }
}
