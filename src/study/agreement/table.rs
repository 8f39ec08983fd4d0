//! Who judged what: the input of all figures of agreement.

use crate::model::{ClassId, ObjectId, RaterId, SlideId};
use crate::store::Opinion;
use std::collections::{BTreeSet, HashMap};

/// An object and what each rater said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The slide it lies on, as a place in the caller's list of slides.
    pub slide: usize,
    /// Its score group, where a detector proposed it, as a place in the caller's list of groups.
    pub group: Option<usize>,
    /// One a rater, in the table's order of raters: the class of the first label; `None` where there is none.
    pub labels: Vec<Option<ClassId>>,
}

/// An object with classes as places in [`Table::classes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub slide: usize,
    pub group: Option<usize>,
    pub labels: Vec<Option<usize>>,
}

/// All objects that at least one of the raters judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    raters: Vec<RaterId>,
    classes: Vec<ClassId>,
    named: bool,
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// A table of these raters. With `classes`, labels of other classes are left out; without, all classes that occur
    /// count. Class 0 is no opinion. Labels past the number of raters are left out, missing ones are `None`.
    pub fn new(
        raters: &[RaterId],
        classes: Option<&[ClassId]>,
        objects: impl IntoIterator<Item = Judged>,
    ) -> Self {
        let wanted: Option<BTreeSet<ClassId>> = classes.map(|c| c.iter().copied().collect());
        let counts =
            |c: &ClassId| *c != ClassId::UNKNOWN && wanted.as_ref().is_none_or(|wanted| wanted.contains(c));
        let objects: Vec<Judged> = objects
            .into_iter()
            .map(|mut o| {
                o.labels.resize(raters.len(), None);
                o.labels.iter_mut().for_each(|l| *l = l.filter(&counts));
                o
            })
            .filter(|o| o.labels.iter().any(Option::is_some))
            .collect();
        let used: BTreeSet<ClassId> =
            objects.iter().flat_map(|o| o.labels.iter().copied().flatten()).collect();
        let classes: Vec<ClassId> = wanted.clone().unwrap_or(used).into_iter().collect();
        let place: HashMap<ClassId, usize> = classes.iter().enumerate().map(|(i, c)| (*c, i)).collect();
        let rows = objects
            .into_iter()
            .map(|o| Row {
                slide: o.slide,
                group: o.group,
                labels: o.labels.iter().map(|l| l.and_then(|c| place.get(&c).copied())).collect(),
            })
            .collect();
        Self { raters: raters.to_vec(), classes, named: wanted.is_some(), rows }
    }

    /// The table of a document's opinions, which must come in their order: a rater's first label on an object counts,
    /// labels of class 0 don't. Objects on other slides than `slides` are left out; `group` tells an object's score
    /// group.
    pub fn of_opinions(
        raters: &[RaterId],
        classes: Option<&[ClassId]>,
        slides: &[SlideId],
        opinions: &[Opinion],
        group: impl Fn(ObjectId) -> Option<usize>,
    ) -> Self {
        let rater: HashMap<RaterId, usize> = raters.iter().enumerate().map(|(i, r)| (*r, i)).collect();
        let slide: HashMap<SlideId, usize> = slides.iter().enumerate().map(|(i, s)| (*s, i)).collect();
        let mut place: HashMap<ObjectId, usize> = HashMap::new();
        let mut objects: Vec<Judged> = Vec::new();
        for opinion in opinions.iter().filter(|o| o.class != ClassId::UNKNOWN) {
            let (Some(rater), Some(slide)) = (rater.get(&opinion.rater), slide.get(&opinion.slide)) else {
                continue;
            };
            let at = *place.entry(opinion.object).or_insert_with(|| {
                objects.push(Judged {
                    slide: *slide,
                    group: group(opinion.object),
                    labels: vec![None; raters.len()],
                });
                objects.len() - 1
            });
            objects[at].labels[*rater].get_or_insert(opinion.class);
        }
        Self::new(raters, classes, objects)
    }

    /// The raters, in the order of all figures.
    pub fn raters(&self) -> &[RaterId] {
        &self.raters
    }

    /// The classes in the order of their uids: those that were asked for, else those that occur.
    pub fn classes(&self) -> &[ClassId] {
        &self.classes
    }

    /// Were the classes asked for? Then all of them count as choices that the raters had.
    pub fn classes_were_named(&self) -> bool {
        self.named
    }

    /// The number of objects that at least `least` raters judged.
    pub fn judged_by(&self, least: usize) -> usize {
        self.rows.iter().filter(|r| r.labels.iter().flatten().count() >= least).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(label: i64, object: i64, slide: i64, rater: i64, class: i64) -> Opinion {
        Opinion {
            object: ObjectId(object),
            slide: SlideId(slide),
            rater: RaterId(rater),
            class: ClassId(class),
            label,
        }
    }

    #[test]
    fn the_first_label_of_a_class_counts() {
        let opinions = [
            opinion(1, 10, 1, 1, 2),
            opinion(2, 10, 1, 1, 1), // A change of mind: too late.
            opinion(3, 10, 1, 2, 0), // No opinion.
            opinion(4, 10, 1, 2, 1), // The first one.
            opinion(5, 11, 2, 2, 3),
            opinion(6, 12, 3, 1, 3), // On a slide that was not asked for.
            opinion(7, 11, 2, 9, 3), // By a rater who was not asked for.
            opinion(8, 13, 1, 9, 3),
        ];
        let raters = [RaterId(1), RaterId(2)];
        let slides = [SlideId(1), SlideId(2)];
        let table =
            Table::of_opinions(&raters, None, &slides, &opinions, |o| (o == ObjectId(11)).then_some(4));
        assert_eq!(table.classes(), [ClassId(1), ClassId(2), ClassId(3)]);
        assert_eq!(
            table.rows,
            [
                Row { slide: 0, group: None, labels: vec![Some(1), Some(0)] },
                Row { slide: 1, group: Some(4), labels: vec![None, Some(2)] },
            ]
        );
        assert_eq!((table.judged_by(1), table.judged_by(2), table.judged_by(3)), (2, 1, 0));
        // A first label of a class that was not asked for is left out; the later one does not take its place.
        let some = Table::of_opinions(&raters, Some(&[ClassId(3), ClassId(1)]), &slides, &opinions, |_| None);
        assert_eq!(some.classes(), [ClassId(1), ClassId(3)]);
        assert_eq!(some.rows[0].labels, [None, Some(0)]);
        assert!(some.classes_were_named() && !table.classes_were_named());
    }

    #[test]
    fn rows_of_the_wrong_length_are_mended() {
        let judged = |labels: &[i64]| Judged {
            slide: 0,
            group: None,
            labels: labels.iter().map(|l| Some(ClassId(*l))).collect(),
        };
        let table = Table::new(
            &[RaterId(1), RaterId(2)],
            None,
            [judged(&[5]), judged(&[5, 6, 7]), judged(&[0]), judged(&[])],
        );
        assert_eq!(table.classes(), [ClassId(5), ClassId(6)]);
        assert_eq!(table.rows.len(), 2);
        assert_eq!(
            (&table.rows[0].labels, &table.rows[1].labels),
            (&vec![Some(0), None], &vec![Some(0), Some(1)])
        );
    }
}
