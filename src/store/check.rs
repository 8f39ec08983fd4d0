//! Is the document sound? Every finding is a sentence with numbers, nothing is changed.

use super::database::Database;
use super::error::StoreError;
use super::read::whole;
use serde::Serialize;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Is there no problem?
    pub ok: bool,
    /// What is wrong.
    pub problems: Vec<String>,
    /// What is worth knowing and no problem.
    pub notes: Vec<String>,
}

/// At most this many of SQLite's own complaints.
const COMPLAINTS: usize = 20;

impl Database {
    /// Looks for damage, for rows without their partners, and for what SlideRunner would stumble over.
    ///
    /// # Errors
    /// When the document can't be read so far that it can be examined: another program holds it, the disk fails, or
    /// damage keeps SQLite from answering.
    pub fn check(&self) -> Result<Check, StoreError> {
        self.at_one_moment(|| self.examined())
    }

    fn examined(&self) -> Result<Check, StoreError> {
        let mut problems: Vec<String> = self
            .first_column(&format!("PRAGMA integrity_check({COMPLAINTS})"))?
            .into_iter()
            .filter(|line| line != "ok")
            .map(|line| format!("SQLite finds damage: {line}"))
            .collect();
        let mut notes = Vec::new();
        // A task that can't be read is a problem of its own.
        let blind = match self.open_blind_tasks() {
            Ok(open) => !open.is_empty(),
            Err(why) => {
                problems.push(format!("a task can't be read: {why}"));
                true
            }
        };
        let deleted = self.layout.or("Annotations", "deleted", "0");
        let rows = [
            ("annotations of an unknown type", "SELECT count(*) FROM Annotations WHERE type IS NULL OR type NOT BETWEEN 1 AND 6".to_owned()),
            ("annotations without a slide", "SELECT count(*) FROM Annotations WHERE slide IS NULL OR slide NOT IN (SELECT uid FROM Slides)".into()),
            (
                "annotations without coordinates (SlideRunner can't open their slides)",
                "SELECT count(*) FROM Annotations WHERE uid NOT IN (SELECT annoId FROM Annotations_coordinates WHERE annoId IS NOT NULL)".into(),
            ),
            (
                "annotations whose agreed class does not exist",
                format!("SELECT count(*) FROM Annotations WHERE {deleted} IS NOT 1 AND agreedClass <> 0 AND agreedClass NOT IN (SELECT uid FROM Classes)"),
            ),
            (
                "coordinates that are no numbers a slide can have",
                "SELECT count(*) FROM Annotations_coordinates c JOIN Annotations a ON a.uid = c.annoId
                 WHERE a.type <> 6 AND (typeof(c.coordinateX) NOT IN ('integer', 'real') OR abs(c.coordinateX) > 1e9
                    OR typeof(c.coordinateY) NOT IN ('integer', 'real') OR abs(c.coordinateY) > 1e9)".into(),
            ),
            ("coordinates without their annotation", "SELECT count(*) FROM Annotations_coordinates WHERE annoId IS NULL OR annoId NOT IN (SELECT uid FROM Annotations)".into()),
            ("labels without their annotation", "SELECT count(*) FROM Annotations_label WHERE annoId IS NULL OR annoId NOT IN (SELECT uid FROM Annotations)".into()),
            ("labels of a class that does not exist", "SELECT count(*) FROM Annotations_label WHERE class <> 0 AND class NOT IN (SELECT uid FROM Classes)".into()),
            ("labels of a rater who does not exist", "SELECT count(*) FROM Annotations_label WHERE person <> 0 AND person NOT IN (SELECT uid FROM Persons)".into()),
        ];
        for (what, sql) in &rows {
            self.count(what, sql, &mut problems)?;
        }
        if self.layout.has("Annotations", "guid") {
            self.count(
                "annotations without a guid",
                "SELECT count(*) FROM Annotations WHERE guid IS NULL",
                &mut problems,
            )?;
            self.count(
                "guids given to several annotations",
                "SELECT count(*) FROM (SELECT 1 FROM Annotations WHERE guid IS NOT NULL GROUP BY guid HAVING count(*) > 1)",
                &mut problems,
            )?;
        }
        if self.needs_upgrade() {
            notes.push(format!(
                "generation {} (number {} in the file); it is upgraded, after a backup, before the first change",
                self.generation(),
                self.layout.user_version
            ));
        } else {
            self.count("polygons that are not closed exactly once", UNCLOSED, &mut problems)?;
        }
        for (what, sql) in [
            (
                "labels without a class",
                "SELECT count(*) FROM Annotations_label WHERE class = 0 OR class IS NULL",
            ),
            (
                "labels of nobody named",
                "SELECT count(*) FROM Annotations_label WHERE person = 0 OR person IS NULL",
            ),
            (
                "objects that one rater labelled several times (the first label counts)",
                "SELECT count(*) FROM (SELECT 1 FROM Annotations_label GROUP BY annoId, person HAVING count(*) > 1)",
            ),
        ] {
            // How others labelled is no news for whoever judges blind.
            if !blind {
                self.count(what, sql, &mut notes)?;
            }
        }
        Ok(Check { ok: problems.is_empty(), problems, notes })
    }

    fn count(&self, what: &str, sql: &str, into: &mut Vec<String>) -> Result<(), StoreError> {
        let mut n = 0;
        self.each(sql, |r| n = whole(r, 0).unwrap_or(0))?;
        if n > 0 {
            into.push(format!("{n} {what}"));
        }
        Ok(())
    }
}

/// Polygons whose last point is not their first, or whose last but one is too, or whose numbers have gaps.
const UNCLOSED: &str = "
    WITH ring AS (
        SELECT c.annoId AS polygon, c.coordinateX AS x, c.coordinateY AS y, c.orderIdx AS number,
               row_number() OVER (PARTITION BY c.annoId ORDER BY c.orderIdx, c.uid) AS place,
               count(*) OVER (PARTITION BY c.annoId) AS points
        FROM Annotations_coordinates c JOIN Annotations a ON a.uid = c.annoId WHERE a.type = 3)
    SELECT count(*) FROM (
        SELECT f.polygon FROM ring f
        JOIN ring l ON l.polygon = f.polygon AND l.place = l.points
        JOIN ring b ON b.polygon = f.polygon AND b.place = max(b.points - 1, 1)
        WHERE f.place = 1 AND (f.number IS NOT 1 OR l.number IS NOT l.points
            OR (l.x, l.y) <> (f.x, f.y) OR ((b.x, b.y) = (f.x, f.y) AND f.points > 2)))";
