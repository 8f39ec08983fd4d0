//! The slides, classes and raters that a file names, found in the document or made.

use super::super::error::{InWords as _, StoreError};
use super::super::read::{self, folder_and_base, slides_with_name, text, whole};
use super::super::rows;
use super::super::write::Act;
use crate::model::people::free_color;
use crate::model::{Class, ClassId, Edit, Rater, RaterId, Role};
use serde::Serialize;
use std::collections::HashMap;

/// A file that brings more of these than any study has names something else in that column, or is hostile.
const MOST_SLIDES: usize = 20_000;
const MOST_CLASSES: usize = 1_000;
const MOST_RATERS: usize = 1_000;

/// Something of the document by uid and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its uid.
    pub uid: i64,
    /// Its name.
    pub name: String,
}

/// What an import had to make because the document did not have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Slides.
    pub slides: Vec<Named>,
    /// Classes.
    pub classes: Vec<Named>,
    /// Raters.
    pub raters: Vec<Named>,
}

struct Slide {
    uid: i64,
    filename: String,
    directory: String,
}

/// What the document has, and what was made.
pub(super) struct Names {
    slides: Vec<Slide>,
    classes: Vec<Class>,
    raters: Vec<Rater>,
    /// Names that were looked up already.
    known: HashMap<String, i64>,
    /// The folder by which a slide was named first.
    folders: HashMap<i64, String>,
    pub created: Created,
}

impl Names {
    /// Reads what there is.
    pub fn read(act: &Act<'_>) -> Result<Self, StoreError> {
        let mut slides = Vec::new();
        read::each(act.tx, "SELECT uid, filename, directory FROM Slides ORDER BY uid", [], |r| {
            slides.push(Slide { uid: whole(r, 0).unwrap_or(0), filename: text(r, 1), directory: text(r, 2) });
        })
        .at(act.path)?;
        let mut raters = Vec::new();
        read::each(act.tx, "SELECT uid, name FROM Persons ORDER BY uid", [], |r| {
            raters.push(Rater { id: RaterId(whole(r, 0).unwrap_or(0)), name: text(r, 1) });
        })
        .at(act.path)?;
        let classes = read::classes(act.tx, act.layout).at(act.path)?;
        let (known, folders) = (HashMap::new(), HashMap::new());
        Ok(Self { slides, classes, raters, known, folders, created: Created::default() })
    }

    /// The slide of this name; `None` where the document has none.
    ///
    /// # Errors
    /// When several have it, or two slides of the file would become one.
    pub fn slide(&mut self, act: &Act<'_>, name: &str) -> Result<Option<i64>, StoreError> {
        if let Some(uid) = self.known.get(name) {
            return Ok(Some(*uid));
        }
        let folder = folder_and_base(name).0.unwrap_or_default();
        let mut found = slides_with_name(&self.slides, name, |s| (&s.filename, &s.directory));
        // A slide that was made for this file has its folder: another folder is another slide.
        let made = |uid| self.created.slides.iter().any(|s| s.uid == uid);
        found.retain(|s| folder.is_empty() || s.directory == folder || !made(s.uid));
        let slide = match found.as_slice() {
            [] => return Ok(None),
            [one] => *one,
            several => {
                let list: Vec<String> =
                    several.iter().take(5).map(|s| format!("{} in \"{}\"", s.uid, s.directory)).collect();
                return act.refuse(format!(
                    "has {} slides named \"{name}\" (uid {}{}); name the slide with its folder",
                    several.len(),
                    list.join(", "),
                    if several.len() > 5 { ", …" } else { "" }
                ));
            }
        };
        let uid = slide.uid;
        if !folder.is_empty() {
            let first = self.folders.entry(uid).or_insert_with(|| folder.to_owned());
            if first != folder {
                return act.refuse(format!(
                    "has one slide \"{}\", the file names two (in \"{first}\" and in \"{folder}\"); add the other \
                     one first",
                    slide.filename
                ));
            }
        }
        self.known.insert(name.to_owned(), uid);
        Ok(Some(uid))
    }

    /// The slide with this uid, for a name that a person typed.
    pub fn slide_by_uid(&mut self, name: &str) {
        let uid = name.parse().ok().filter(|uid| self.slides.iter().any(|s| s.uid == *uid));
        let named = slides_with_name(&self.slides, name, |s| (&s.filename, &s.directory));
        if let (Some(uid), true) = (uid, named.is_empty()) {
            self.known.insert(name.to_owned(), uid);
        }
    }

    /// Makes a slide.
    pub fn make_slide(&mut self, act: &Act<'_>, name: &str) -> Result<i64, StoreError> {
        few(act, self.created.slides.len(), MOST_SLIDES, "slides")?;
        let (folder, base) = folder_and_base(name);
        let directory = folder.unwrap_or_default().to_owned();
        let edit = Edit::AddSlide {
            slide: None,
            filename: base.to_owned(),
            directory: directory.clone(),
            size: None,
            mpp: None,
            case: None,
        };
        let Edit::AddSlide { slide: Some(id), .. } = rows::add_slide(act, edit)? else {
            return act.refuse(format!("the slide \"{name}\" can't be added"));
        };
        self.slides.push(Slide { uid: id.0, filename: base.to_owned(), directory });
        self.known.insert(name.to_owned(), id.0);
        self.created.slides.push(Named { uid: id.0, name: base.to_owned() });
        Ok(id.0)
    }

    /// The class of this name.
    ///
    /// # Errors
    /// When several have it.
    pub fn class(&self, act: &Act<'_>, name: &str) -> Result<Option<ClassId>, StoreError> {
        let mut found = self.classes.iter().filter(|c| c.name == name);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => act.refuse(format!(
                "has several classes named \"{name}\"; give them different names in SlideRunner first"
            )),
            (one, _) => Ok(one.map(|c| c.id)),
        }
    }

    /// Makes a class; its role is what the name tells.
    pub fn make_class(&mut self, act: &Act<'_>, name: &str) -> Result<ClassId, StoreError> {
        few(act, self.created.classes.len(), MOST_CLASSES, "classes")?;
        let role = Role::from_name(name);
        let color = free_color(&self.classes, role);
        let class = Class { id: ClassId(0), name: name.to_owned(), color, role };
        let Edit::AddClass { class } = rows::add_class(act, class)? else {
            return act.refuse(format!("the class \"{name}\" can't be added"));
        };
        let id = class.id;
        self.classes.push(class);
        self.created.classes.push(Named { uid: id.0, name: name.to_owned() });
        Ok(id)
    }

    /// The name of a class for people.
    pub fn class_name(&self, id: ClassId) -> &str {
        self.classes.iter().find(|c| c.id == id).map_or("unknown", |c| &c.name)
    }

    /// The rater of this name; the first where several have it.
    pub fn rater(&self, name: &str) -> Option<RaterId> {
        self.raters.iter().find(|r| r.name == name).map(|r| r.id)
    }

    /// Makes a rater.
    pub fn make_rater(&mut self, act: &Act<'_>, name: &str) -> Result<RaterId, StoreError> {
        few(act, self.created.raters.len(), MOST_RATERS, "raters")?;
        let rater = Rater { id: RaterId(0), name: name.to_owned() };
        let Edit::AddRater { rater } = rows::add_rater(act, rater)? else {
            return act.refuse(format!("the rater \"{name}\" can't be added"));
        };
        let id = rater.id;
        self.raters.push(rater);
        self.created.raters.push(Named { uid: id.0, name: name.to_owned() });
        Ok(id)
    }
}

fn few(act: &Act<'_>, made: usize, most: usize, what: &str) -> Result<(), StoreError> {
    if made < most {
        return Ok(());
    }
    act.refuse(format!(
        "would get more than {most} new {what}; check that the file's columns are what they say"
    ))
}
