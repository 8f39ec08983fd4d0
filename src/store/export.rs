//! What goes out of a document into a file of another program's format. Nothing in the document changes.

use super::database::{Database, SlideEntry};
use super::error::StoreError;
use super::exchange::{Kept, Leaving};
use crate::model::{ClassId, Object, Rater, RaterId, Shape};
use std::collections::{BTreeMap, HashMap};

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only this slide: base name, with its folder where names repeat, or uid.
    pub slide: Option<String>,
    /// Only this rater's labels, and objects that have one.
    pub rater: Option<String>,
    /// Only objects of this agreed class (with a rater: of this class by the rater's first label), by name or uid.
    pub class: Option<String>,
}

impl Database {
    /// The living objects that are wanted and that `takes` has a form for, with what is written about each, slide by
    /// slide; and how many were left out, by what they are.
    ///
    /// # Errors
    /// When the document has no such slide, rater or class, or can't be read.
    pub fn leaving(
        &self,
        wanted: &Wanted,
        takes: impl Fn(&Shape) -> bool,
    ) -> Result<(Vec<Leaving>, BTreeMap<String, u64>), StoreError> {
        self.at_one_moment(|| {
            let all = self.slides()?;
            let slides = match &wanted.slide {
                Some(name) => vec![self.slide_named(name)?],
                None => all.clone(),
            };
            let rater = wanted.rater.as_deref().map(|name| self.rater_named(name)).transpose()?;
            let class = wanted.class.as_deref().map(|name| self.class_of(name)).transpose()?;
            let classes = self.classes()?.into_iter().map(|c| (c.id, c.name)).collect();
            let raters = self.raters()?.into_iter().map(|r| (r.id, r.name)).collect();
            let book = Book { rater, class, classes, raters };
            let (mut out, mut left) = (Vec::new(), BTreeMap::new());
            for slide in slides {
                let name = name_of(&slide, &all);
                let mut objects = Vec::new();
                for object in self.objects(slide.id)?.into_iter().filter(|o| book.wants(o)) {
                    if takes(&object.shape) {
                        objects.push(book.kept(object));
                    } else {
                        *left.entry(object.shape.title().to_owned()).or_default() += 1;
                    }
                }
                out.push(Leaving { id: slide.id, name, size: slide.size, objects });
            }
            Ok((out, left))
        })
    }
}

/// The base name, with the folder where it repeats in the document.
fn name_of(slide: &SlideEntry, all: &[SlideEntry]) -> String {
    let repeats = all.iter().filter(|s| s.filename == slide.filename).count() > 1;
    if repeats && !slide.directory.is_empty() {
        return format!("{}/{}", slide.directory.trim_end_matches(['/', '\\']), slide.filename);
    }
    slide.filename.clone()
}

/// Names, and whose labels are wanted.
struct Book {
    rater: Option<Rater>,
    class: Option<ClassId>,
    classes: HashMap<ClassId, String>,
    raters: HashMap<RaterId, String>,
}

impl Book {
    /// The class by which an object is chosen: the agreed one, or the rater's own first.
    fn class_of(&self, object: &Object) -> Option<ClassId> {
        match &self.rater {
            Some(rater) => object.label_by(rater.id).map(|l| l.class),
            None => Some(object.agreed),
        }
    }

    fn wants(&self, object: &Object) -> bool {
        let class = self.class_of(object);
        !object.deleted && class.is_some() && self.class.is_none_or(|wanted| class == Some(wanted))
    }

    fn kept(&self, object: Object) -> Kept {
        let name = |class: ClassId| self.classes.get(&class).cloned();
        let class = self.class_of(&object).and_then(|id| Some((id, name(id)?)));
        let agreed = name(object.agreed).map(|name| (object.agreed, name));
        let mine = |id| self.rater.as_ref().is_none_or(|r| r.id == id);
        let labels =
            object.labels.iter().filter(|l| mine(l.rater)).filter_map(|l| {
                Some((self.raters.get(&l.rater).cloned().unwrap_or_default(), name(l.class)?))
            });
        let labels = labels.collect();
        Kept {
            id: object.id,
            guid: object.guid,
            shape: object.shape,
            description: object.description,
            agreed,
            class,
            labels,
            rater: self.rater.as_ref().map(|r| r.name.clone()),
        }
    }
}
