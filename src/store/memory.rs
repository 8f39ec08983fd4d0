//! What the document remembers of slides and of screening, in tables of our own. No edits: nothing to take back.

use super::database::{self, Database};
use super::error::{InWords as _, StoreError};
use crate::model::{Progress, RaterId, Resolution, SlideId};
use rusqlite::OptionalExtension as _;

impl Database {
    /// How far a rater's pass (from 1) over a slide has come; the start where nothing is remembered.
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

    /// Remembers it.
    pub fn set_progress(
        &mut self,
        slide: SlideId,
        rater: RaterId,
        pass: u32,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        let text =
            serde_json::to_string(progress).map_err(|e| StoreError::refused(&self.path, e.to_string()))?;
        self.remember(
            "INSERT OR REPLACE INTO mitoscope_progress (slide, rater, pass, progress) VALUES (?1, ?2, ?3, ?4)",
            (slide.0, rater.0, pass, text),
        )
    }

    /// Remembers a slide's micrometres per pixel.
    pub fn remember_resolution(&mut self, slide: SlideId, resolution: Resolution) -> Result<(), StoreError> {
        self.remember(
            "INSERT INTO mitoscope_slides (slide, mpp_x, mpp_y) VALUES (?1, ?2, ?3)
             ON CONFLICT (slide) DO UPDATE SET mpp_x = excluded.mpp_x, mpp_y = excluded.mpp_y",
            (slide.0, resolution.x, resolution.y),
        )
    }

    /// Remembers a slide's level-0 width and height.
    pub fn remember_size(&mut self, slide: SlideId, size: (u32, u32)) -> Result<(), StoreError> {
        self.remember("UPDATE Slides SET width = ?2, height = ?3 WHERE uid = ?1", (slide.0, size.0, size.1))
    }

    fn remember(&mut self, sql: &str, parameters: impl rusqlite::Params) -> Result<(), StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        tx.execute(sql, parameters).at(&path)?;
        let grown = database::commit(tx, &layout).at(&path)?;
        self.layout = grown.unwrap_or(layout);
        Ok(())
    }
}
