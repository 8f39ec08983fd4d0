//! SlideRunner's tables, triggers and functions (generation 3c), and ours beside them.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// The `user_version` of SlideRunner's newest schema.
pub(super) const USER_VERSION: i64 = 3;

/// The version of our own tables.
pub(super) const OWN_VERSION: i64 = 2;

/// SlideRunner's primary key.
const KEY: &str = "INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE";

/// Stands for the moment at which a column is made, as a literal default.
const NOW: &str = "REAL DEFAULT {now}";

/// One of SlideRunner's tables: its name, and name and declaration of its columns in their order.
pub(super) struct Table {
    /// Its name.
    pub name: &'static str,
    /// Name and declaration of each column.
    pub columns: &'static [(&'static str, &'static str)],
}

/// SlideRunner's tables in the order in which they are created.
pub(super) const TABLES: [Table; 7] = [
    Table {
        name: "Annotations_label",
        columns: &[
            ("uid", KEY),
            ("person", "INTEGER"),
            ("class", "INTEGER"),
            ("exact_id", "INTEGER"),
            ("annoId", "INTEGER"),
        ],
    },
    Table {
        name: "Annotations_coordinates",
        columns: &[
            ("uid", KEY),
            ("coordinateX", "INTEGER"),
            ("coordinateY", "INTEGER"),
            ("coordinateZ", "INTEGER DEFAULT 0"),
            ("slide", "INTEGER"),
            ("annoId", "INTEGER"),
            ("orderIdx", "INTEGER"),
        ],
    },
    Table {
        name: "Annotations",
        columns: &[
            ("uid", KEY),
            ("slide", "INTEGER"),
            ("guid", "TEXT"),
            ("lastModified", NOW),
            ("deleted", "INTEGER DEFAULT 0"),
            ("type", "INTEGER"),
            ("agreedClass", "INTEGER"),
            ("description", "TEXT"),
            ("clickable", "INTEGER DEFAULT 1"),
        ],
    },
    Table {
        name: "Classes",
        columns: &[("uid", KEY), ("name", "TEXT"), ("clickable", "INTEGER DEFAULT 1"), ("color", "TEXT")],
    },
    Table {
        name: "Persons",
        columns: &[("uid", KEY), ("name", "TEXT"), ("isExactUser", "INTEGER DEFAULT 0")],
    },
    Table {
        name: "Slides",
        columns: &[
            ("uid", KEY),
            ("filename", "TEXT"),
            ("width", "INTEGER"),
            ("height", "INTEGER"),
            ("directory", "TEXT"),
            ("uuid", "TEXT"),
            ("exactImageID", "TEXT"),
            ("EXACTUSER", "INTEGER DEFAULT 0"),
        ],
    },
    Table {
        name: "Log",
        columns: &[
            ("uid", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("dateTime", "FLOAT"),
            ("labelId", "INTEGER"),
        ],
    },
];

/// The triggers: name, table, event, what is done. They stamp and name what any program writes.
pub(super) const TRIGGERS: [(&str, &str, &str, &str); 8] = {
    const STAMP_OWNER: &str = "UPDATE Annotations SET lastModified = pycurrent_time() WHERE uid = new.annoId";
    const STAMP_SELF: &str = "UPDATE Annotations SET lastModified = pycurrent_time() WHERE uid = new.uid";
    [
        ("updateAnnotation_fromLabelUPDATE", "Annotations_label", "UPDATE", STAMP_OWNER),
        ("updateAnnotation_fromLabelINSERT", "Annotations_label", "INSERT", STAMP_OWNER),
        ("updateAnnotation_fromCoordsUPDATE", "Annotations_coordinates", "UPDATE", STAMP_OWNER),
        ("updateAnnotation_fromCoordsINSERT", "Annotations_coordinates", "INSERT", STAMP_OWNER),
        ("updateAnnotation_UPDATE", "Annotations", "UPDATE", STAMP_SELF),
        ("updateAnnotation_INSERT", "Annotations", "INSERT", STAMP_SELF),
        (
            "updateAnnotation_ins",
            "Annotations",
            "INSERT",
            "UPDATE Annotations SET guid = generate_uuid() WHERE uid = new.uid AND guid IS NULL",
        ),
        (
            "setRandomcolor",
            "Classes",
            "INSERT",
            "UPDATE Classes SET color = randcolor() WHERE uid = new.uid AND color IS NULL",
        ),
    ]
};

/// The colours of classes 1 to 11 in files that store none.
const PALETTE: [&str; 11] = [
    "#0000ff", "#00ff00", "#ffff00", "#ff00ff", "#007f00", "#ff7f00", "#7f7f00", "#ffc8c8", "#0aa6a8",
    "#a60aa8", "#a6a80a",
];

/// The colour of a class without one, from the fixed palette of the oldest files; it repeats after eleven.
pub(super) fn palette(class: i64) -> &'static str {
    // In range: the remainder by the length.
    let at = (class - 1).rem_euclid(PALETTE.len() as i64) as usize;
    PALETTE[at]
}

/// Unix time in seconds, as documents keep times.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

/// A column's declaration, with the present moment where a literal stamp is its default.
pub(super) fn declaration(text: &str) -> String {
    text.replace("{now}", &format!("{:.6}", now()))
}

/// Registers the three functions that SlideRunner's triggers call. Without them no program can write.
pub(super) fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8;
    connection.create_scalar_function("pycurrent_time", 0, flags, |_| Ok(now()))?;
    connection.create_scalar_function("generate_uuid", 0, flags, |_| Ok(Uuid::new_v4().to_string()))?;
    connection.create_scalar_function("randcolor", 0, flags, |_| {
        // The first six bytes of a version-4 UUID are random in all their bits.
        let bytes = *Uuid::new_v4().as_bytes();
        let channel = |i: usize| 30 + u16::from_le_bytes([bytes[i], bytes[i + 1]]) % 225;
        Ok(format!("#{:02x}{:02x}{:02x}", channel(0), channel(2), channel(4)))
    })
}

/// Creates a table of SlideRunner's where it is missing.
pub(super) fn create_table(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    let columns: Vec<String> =
        table.columns.iter().map(|(name, text)| format!("{name} {}", declaration(text))).collect();
    connection.execute_batch(&format!("CREATE TABLE IF NOT EXISTS {} ({})", table.name, columns.join(", ")))
}

/// Creates the triggers where they are missing.
pub(super) fn create_triggers(connection: &Connection) -> rusqlite::Result<()> {
    for (name, table, event, action) in TRIGGERS {
        connection.execute_batch(&format!(
            "CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} FOR EACH ROW BEGIN {action}; END"
        ))?;
    }
    Ok(())
}

/// Removes the triggers, so that stamps stay what they are.
pub(super) fn drop_triggers(connection: &Connection) -> rusqlite::Result<()> {
    TRIGGERS
        .iter()
        .try_for_each(|(name, ..)| connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {name}")))
}

/// What a rater may see of a study: tasks, their slides and items, and the rater's own ballots. A kit has these tables
/// and no others of ours, so nothing in them may tell what others think. Ballots are only ever added: in a document
/// triggers see to it, in a kit that travels the signatures do.
const TASKS: &str = "
    CREATE TABLE IF NOT EXISTS mitoscope_tasks (
        task INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
        rater TEXT NOT NULL, kind TEXT NOT NULL, created REAL NOT NULL, settings TEXT NOT NULL,
        fingerprint BLOB NOT NULL, seal TEXT);
    CREATE TABLE IF NOT EXISTS mitoscope_task_slides (
        task INTEGER NOT NULL, slide INTEGER NOT NULL, code TEXT NOT NULL, filename TEXT, directory TEXT,
        width INTEGER, height INTEGER, mpp_x REAL, mpp_y REAL, print BLOB, PRIMARY KEY (task, slide));
    CREATE TABLE IF NOT EXISTS mitoscope_items (
        task INTEGER NOT NULL, item INTEGER NOT NULL, guid TEXT NOT NULL, slide INTEGER NOT NULL, x REAL NOT NULL,
        y REAL NOT NULL, turn INTEGER NOT NULL, shown TEXT NOT NULL, picture BLOB, PRIMARY KEY (task, item));
    CREATE TABLE IF NOT EXISTS mitoscope_ballots (
        ballot INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER NOT NULL, item INTEGER NOT NULL, class INTEGER NOT NULL,
        comment TEXT NOT NULL, time REAL NOT NULL, dwell REAL, magnification REAL, adjustment TEXT,
        hash BLOB NOT NULL, key BLOB NOT NULL, signature BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS mitoscope_ballots_task ON mitoscope_ballots (task, item);";

/// What only the coordinator knows: which object or candidate an item is, how a task was planned, whose key is known,
/// which kits came back, where an object came from, what a detector proposed.
const STUDY: &str = "
    CREATE TRIGGER IF NOT EXISTS mitoscope_ballots_stay BEFORE UPDATE ON mitoscope_ballots
        BEGIN SELECT RAISE(ABORT, 'a ballot is never changed'); END;
    CREATE TRIGGER IF NOT EXISTS mitoscope_ballots_only_grow BEFORE DELETE ON mitoscope_ballots
        BEGIN SELECT RAISE(ABORT, 'a ballot is never removed'); END;
    CREATE TABLE IF NOT EXISTS mitoscope_plans (task INTEGER PRIMARY KEY, plan TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_item_objects (
        task INTEGER NOT NULL, item INTEGER NOT NULL, object INTEGER, candidate INTEGER, repeats INTEGER,
        PRIMARY KEY (task, item));
    CREATE TABLE IF NOT EXISTS mitoscope_keys (rater TEXT PRIMARY KEY, key BLOB NOT NULL, registered REAL NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_kits (
        kit TEXT PRIMARY KEY, task INTEGER NOT NULL, made REAL NOT NULL, pictures BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_merges (
        merge INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, task INTEGER NOT NULL, ballots INTEGER NOT NULL,
        key BLOB NOT NULL, verdict TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_origins (object INTEGER PRIMARY KEY, stage TEXT NOT NULL, detail TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_runs (
        run INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created REAL NOT NULL, facts TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mitoscope_candidates (
        candidate INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, slide INTEGER NOT NULL, x REAL NOT NULL,
        y REAL NOT NULL, class TEXT NOT NULL, score REAL, object INTEGER);
    CREATE INDEX IF NOT EXISTS mitoscope_candidates_run ON mitoscope_candidates (run, slide);";

/// Marks an SQLite file as a kit (`application_id`): "MKIT".
pub(super) const KIT: i64 = 0x4d4b_4954;

/// Creates the tables of a rater's tasks, which kits have too.
pub(super) fn create_tasks(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TASKS)
}

/// Creates our tables and indices where they are missing, those that an older version of the program did not have too.
/// SlideRunner looks at its own seven tables only.
pub(super) fn create_own(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS mitoscope_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS mitoscope_roles (class INTEGER PRIMARY KEY, role TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS mitoscope_slides (
             slide INTEGER PRIMARY KEY, case_name TEXT, mpp_x REAL, mpp_y REAL);
         CREATE TABLE IF NOT EXISTS mitoscope_progress (
             slide INTEGER NOT NULL, rater INTEGER NOT NULL, pass INTEGER NOT NULL, progress TEXT NOT NULL,
             PRIMARY KEY (slide, rater, pass));
         CREATE TABLE IF NOT EXISTS mitoscope_journal (
             entry INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, rater INTEGER NOT NULL,
             object INTEGER, edit TEXT NOT NULL, trace TEXT NOT NULL, undoes INTEGER, redoes INTEGER);
         CREATE TRIGGER IF NOT EXISTS mitoscope_journal_keeps_lines BEFORE UPDATE ON mitoscope_journal
             BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
         CREATE TRIGGER IF NOT EXISTS mitoscope_journal_only_grows BEFORE DELETE ON mitoscope_journal
             BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
         CREATE INDEX IF NOT EXISTS mitoscope_journal_object ON mitoscope_journal (object);
         CREATE INDEX IF NOT EXISTS mitoscope_by_slide ON Annotations (slide);
         CREATE INDEX IF NOT EXISTS mitoscope_coordinates ON Annotations_coordinates (annoId);
         CREATE INDEX IF NOT EXISTS mitoscope_labels ON Annotations_label (annoId);",
    )?;
    create_tasks(connection)?;
    connection.execute_batch(STUDY)?;
    connection.execute(
        "INSERT OR REPLACE INTO mitoscope_meta (key, value) VALUES ('schema', ?1)",
        [OWN_VERSION.to_string()],
    )?;
    Ok(())
}
