//! Which generation of SlideRunner's schema a file has. The columns tell; the number in the file often lies.

use super::schema::{OWN_VERSION, TABLES, TRIGGERS, USER_VERSION};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// The generation of a document's schema, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are SlideRunner's own versions and stages")]
pub enum Generation {
    G0a,
    G0b,
    G0c,
    G1,
    G2,
    G3a,
    G3b,
    G3c,
}

impl Generation {
    /// SlideRunner's number, 0 to 3.
    pub fn number(self) -> u8 {
        match self {
            Self::G0a | Self::G0b | Self::G0c => 0,
            Self::G1 => 1,
            Self::G2 => 2,
            Self::G3a | Self::G3b | Self::G3c => 3,
        }
    }

    /// Number and stage: "0c", "3b".
    pub fn id(self) -> &'static str {
        match self {
            Self::G0a => "0a",
            Self::G0b => "0b",
            Self::G0c => "0c",
            Self::G1 => "1",
            Self::G2 => "2",
            Self::G3a => "3a",
            Self::G3b => "3b",
            Self::G3c => "3c",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The tables, columns and triggers that a file has. Names are kept in lower case, as SQLite compares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    columns: HashMap<String, HashSet<String>>,
    triggers: HashSet<String>,
    /// SlideRunner's number in the file.
    pub user_version: i64,
    /// The version of our own tables, if they are there.
    pub own_version: Option<i64>,
}

impl Layout {
    /// Looks at a file.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut layout = Self {
            user_version: connection.query_row("PRAGMA user_version", [], |r| r.get(0))?,
            ..Self::default()
        };
        let mut statement = connection.prepare(
            "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
            layout.columns.entry(table.to_lowercase()).or_default().insert(column.to_lowercase());
        }
        let mut statement = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            layout.triggers.insert(row.get::<_, String>(0)?.to_lowercase());
        }
        if layout.has_table("mitoscope_meta") {
            let text: Option<String> = connection
                .query_row("SELECT value FROM mitoscope_meta WHERE key = 'schema'", [], |r| r.get(0))
                .optional()?;
            layout.own_version = text.map(|t| t.parse().unwrap_or(i64::MAX));
        }
        Ok(layout)
    }

    /// Is there such a table?
    pub fn has_table(&self, table: &str) -> bool {
        self.columns.contains_key(&table.to_lowercase())
    }

    /// Is there such a column?
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(&table.to_lowercase()).is_some_and(|c| c.contains(&column.to_lowercase()))
    }

    /// The column's name for a SELECT, or what stands for it where the file has none.
    pub fn or<'a>(&self, table: &str, column: &'a str, instead: &'a str) -> &'a str {
        if self.has(table, column) { column } else { instead }
    }

    /// Has the file the tables and columns that every SlideRunner database has?
    pub fn is_sliderunner(&self) -> bool {
        const NEEDED: [(&str, &[&str]); 6] = [
            ("Slides", &["uid", "filename"]),
            ("Annotations", &["uid", "slide", "type", "agreedClass"]),
            ("Annotations_coordinates", &["uid", "coordinateX", "coordinateY", "annoId", "orderIdx"]),
            ("Annotations_label", &["uid", "person", "class", "annoId"]),
            ("Classes", &["uid", "name"]),
            ("Persons", &["uid", "name"]),
        ];
        NEEDED.iter().all(|(table, columns)| columns.iter().all(|c| self.has(table, c)))
    }

    /// The generation, by the newest column.
    pub fn generation(&self) -> Generation {
        if self.has("Annotations_coordinates", "coordinateZ") {
            if self.has("Classes", "clickable") && self.has("Annotations", "clickable") {
                Generation::G3c
            } else if self.has("Annotations", "clickable") {
                Generation::G3b
            } else {
                Generation::G3a
            }
        } else if self.has("Classes", "color") {
            Generation::G2
        } else if self.has("Annotations", "guid") {
            Generation::G1
        } else if self.has("Slides", "directory") {
            Generation::G0c
        } else if self.has_table("Log") {
            Generation::G0b
        } else {
            Generation::G0a
        }
    }

    /// Triggers of SlideRunner's that are missing.
    pub fn missing_triggers(&self) -> Vec<&'static str> {
        TRIGGERS.iter().map(|t| t.0).filter(|n| !self.triggers.contains(&n.to_lowercase())).collect()
    }

    /// Columns of generation 3c that are missing, as table and column with its declaration.
    pub fn missing_columns(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        TABLES
            .iter()
            .flat_map(|t| t.columns.iter().map(|(name, text)| (t.name, *name, *text)))
            .filter(|(table, column, _)| !self.has(table, column))
            .collect()
    }

    /// Are all of our own tables there?
    pub fn has_own(&self) -> bool {
        self.own_version.is_some_and(|v| v >= OWN_VERSION)
    }

    /// Is everything of generation 3c there, so that it can be written as it is?
    pub fn is_whole(&self) -> bool {
        self.user_version >= USER_VERSION
            && self.missing_columns().is_empty()
            && self.missing_triggers().is_empty()
    }
}
