//! What the document remembers of slides and of screening, in tables of our own. No edits: nothing to take back.

use super::database::{self, Database};
use super::error::{InWords as _, StoreError};
use super::generation::Layout;
use super::read::{text, whole};
use crate::model::{Progress, RaterId, Resolution, Settlement, SlideId};
use rusqlite::{Connection, OptionalExtension as _};

impl Database {
    /// How far a rater's pass (from 1) over a slide has come; the start where nothing is remembered.
    ///
    /// # Errors
    /// When the document can't be read, or what it remembers of this pass can't be understood.
    pub fn progress(&self, slide: SlideId, rater: RaterId, pass: u32) -> Result<Progress, StoreError> {
        if !self.layout.has_table("mitoscope_progress") {
            return Ok(Progress::default());
        }
        let text: Option<String> = self
            .connection
            .query_row(
                "SELECT progress FROM mitoscope_progress WHERE slide = ?1 AND rater = ?2 AND pass = ?3",
                (slide.0, rater.0, pass),
                |r| r.get(0),
            )
            .optional()
            .at(&self.path)?;
        match text.map(|t| serde_json::from_str(&t)) {
            None => Ok(Progress::default()),
            Some(Ok(progress)) => Ok(progress),
            Some(Err(_)) => Err(StoreError::refused(
                &self.path,
                "what it remembers of the screening can't be read; it was changed by something else",
            )),
        }
    }

    /// The passes of a rater over a slide that the document remembers, ascending; none where it has no tables of ours.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn passes(&self, slide: SlideId, rater: RaterId) -> Result<Vec<u32>, StoreError> {
        if !self.layout.has_table("mitoscope_progress") {
            return Ok(Vec::new());
        }
        let (slide, rater) = (slide.0, rater.0);
        let mut out = Vec::new();
        self.each(
            &format!(
                "SELECT pass FROM mitoscope_progress WHERE slide = {slide} AND rater = {rater} ORDER BY pass"
            ),
            // A number that no pass can have was written by something else, and can't be asked for.
            |r| out.extend(whole(r, 0).and_then(|pass| u32::try_from(pass).ok())),
        )?;
        Ok(out)
    }

    /// A rater's newest remembered pass over a slide, and how far it has come; the start of pass 1 where none is
    /// remembered.
    ///
    /// # Errors
    /// As [`Self::progress`].
    pub fn newest_progress(&self, slide: SlideId, rater: RaterId) -> Result<(u32, Progress), StoreError> {
        self.at_one_moment(|| {
            let pass = self.passes(slide, rater)?.last().copied().unwrap_or(1);
            Ok((pass, self.progress(slide, rater, pass)?))
        })
    }

    /// Remembers how far a pass (from 1) has come.
    ///
    /// Fields that were done stay done: where what is stored belongs to the same plan, or to an unknown one as in older
    /// files, its `done` is united with the new one. What belongs to another plan, or can't be read, is replaced.
    ///
    /// # Errors
    /// When the document can't be written. It is then as it was.
    pub fn set_progress(
        &mut self,
        slide: SlideId,
        rater: RaterId,
        pass: u32,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        let (path, key) = (self.path.clone(), (slide.0, rater.0, pass));
        self.remember(|tx| {
            let stored: Option<String> = tx
                .prepare_cached(
                    "SELECT progress FROM mitoscope_progress WHERE slide = ?1 AND rater = ?2 AND pass = ?3",
                )
                .and_then(|mut s| s.query_row(key, |r| Ok(text(r, 0))).optional())
                .at(&path)?;
            let mut progress = progress.clone();
            if let Some(stored) = stored.and_then(|text| serde_json::from_str::<Progress>(&text).ok())
                && (stored.plan == progress.plan || stored.plan == 0)
            {
                progress.done.extend(stored.done);
            }
            let text = serde_json::to_string(&progress).map_err(|e| StoreError::refused(&path, e.to_string()))?;
            tx.prepare_cached(
                "INSERT OR REPLACE INTO mitoscope_progress (slide, rater, pass, progress) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut s| s.execute((key.0, key.1, key.2, text)))
            .at(&path)
            .map(|_| ())
        })
    }

    /// Remembers a slide's micrometres per pixel.
    ///
    /// # Errors
    /// As [`Self::set_progress`].
    pub fn remember_resolution(&mut self, slide: SlideId, resolution: Resolution) -> Result<(), StoreError> {
        self.remember_row(
            "INSERT INTO mitoscope_slides (slide, mpp_x, mpp_y) VALUES (?1, ?2, ?3)
             ON CONFLICT (slide) DO UPDATE SET mpp_x = excluded.mpp_x, mpp_y = excluded.mpp_y",
            (slide.0, resolution.x, resolution.y),
        )
    }

    /// Remembers a slide's level-0 width and height.
    ///
    /// # Errors
    /// As [`Self::set_progress`].
    pub fn remember_size(&mut self, slide: SlideId, size: (u32, u32)) -> Result<(), StoreError> {
        self.remember_row(
            "UPDATE Slides SET width = ?2, height = ?3 WHERE uid = ?1",
            (slide.0, size.0, size.1),
        )
    }

    /// The rule of the outcome that was recorded last, if one was.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn settlement(&self) -> Result<Option<Settlement>, StoreError> {
        settlement(&self.connection, &self.layout).at(&self.path)
    }

    fn remember_row(&mut self, sql: &str, parameters: impl rusqlite::Params) -> Result<(), StoreError> {
        let path = self.path.clone();
        self.remember(|tx| tx.execute(sql, parameters).at(&path).map(|_| ()))
    }

    /// Lets `write` work in one transaction.
    fn remember(
        &mut self,
        write: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        write(&tx)?;
        let grown = database::commit(tx, &layout).at(&path)?;
        self.layout = grown.unwrap_or(layout);
        Ok(())
    }
}

/// The rule of the outcome that was recorded last.
pub(super) fn settlement(connection: &Connection, layout: &Layout) -> rusqlite::Result<Option<Settlement>> {
    if !layout.has_table("mitoscope_meta") {
        return Ok(None);
    }
    let stored = connection
        .prepare_cached("SELECT value FROM mitoscope_meta WHERE key = 'settlement'")?
        .query_row([], |r| Ok(text(r, 0)))
        .optional()?;
    Ok(stored.and_then(|s| serde_json::from_str(&s).ok()))
}

/// Records the rule of an outcome, or that there is none.
pub(super) fn store_settlement(tx: &Connection, settlement: Option<&Settlement>) -> rusqlite::Result<()> {
    let Some(settlement) = settlement else {
        return tx.execute("DELETE FROM mitoscope_meta WHERE key = 'settlement'", []).map(|_| ());
    };
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
    tx.execute(
        "INSERT OR REPLACE INTO mitoscope_meta (key, value) VALUES ('settlement', ?1)",
        [serde_json::to_string(settlement).map_err(json)?],
    )
    .map(|_| ())
}
