//! JSON values of which only what is wanted is kept: anything else in their place is passed over without being stored,
//! so that one wrong element harms no other and a hostile file takes no memory.

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// Makes a visitor that takes what it is told to and passes over the rest.
macro_rules! visitor {
    ($value:ty, $($take:item)*) => {
        type Value = $value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        $($take)*
    };
}

macro_rules! pass_over {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

/// A number; `None` for anything else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number(pub Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take;
        impl<'de> Visitor<'de> for Take {
            visitor! { Number,
                fn visit_f64<E>(self, v: f64) -> Result<Number, E> {
                    Ok(Number(Some(v)))
                }
                fn visit_i64<E>(self, v: i64) -> Result<Number, E> {
                    Ok(Number(Some(v as f64)))
                }
                fn visit_u64<E>(self, v: u64) -> Result<Number, E> {
                    Ok(Number(Some(v as f64)))
                }
            }
            pass_over!(visit_bool: bool, visit_str: &str);
            pass_over!(map);
            pass_over!(seq);
        }
        from.deserialize_any(Take)
    }
}

/// A text, or a whole number as text, since ids are either; `None` for anything else.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(pub Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take;
        impl<'de> Visitor<'de> for Take {
            visitor! { Text,
                fn visit_str<E>(self, v: &str) -> Result<Text, E> {
                    Ok(Text(Some(v.to_owned())))
                }
                fn visit_i64<E>(self, v: i64) -> Result<Text, E> {
                    Ok(Text(Some(v.to_string())))
                }
                fn visit_u64<E>(self, v: u64) -> Result<Text, E> {
                    Ok(Text(Some(v.to_string())))
                }
            }
            pass_over!(visit_bool: bool, visit_f64: f64);
            pass_over!(map);
            pass_over!(seq);
        }
        from.deserialize_any(Take)
    }
}

/// A list of at most `N` elements, what is beyond being passed over but counted; `None` for anything else.
#[derive(Debug, Clone)]
pub(super) struct List<T, const N: usize> {
    /// The elements, if it is a list.
    pub items: Option<Vec<T>>,
    /// Elements in the file.
    pub length: usize,
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self { items: None, length: 0 }
    }
}

impl<'de, T: DeserializeOwned, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take<T, const N: usize>(PhantomData<T>);
        impl<'de, T: DeserializeOwned, const N: usize> Visitor<'de> for Take<T, N> {
            visitor! { List<T, N>,
                fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                    let mut items = Vec::new();
                    while items.len() < N {
                        let Some(item) = seq.next_element()? else { break };
                        items.push(item);
                    }
                    let mut length = items.len();
                    if length == N {
                        while seq.next_element::<IgnoredAny>()?.is_some() {
                            length += 1;
                        }
                    }
                    Ok(List { items: Some(items), length })
                }
            }
            pass_over!(visit_bool: bool, visit_str: &str, visit_f64: f64, visit_i64: i64, visit_u64: u64);
            pass_over!(map);
        }
        from.deserialize_any(Take(PhantomData))
    }
}

/// An object of which some members are wanted; `None` for anything else.
#[derive(Debug, Clone)]
pub(super) struct Members<T>(pub Option<T>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Take<T> {
            visitor! { Members<T>,
                fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                    T::deserialize(MapAccessDeserializer::new(map)).map(|v| Members(Some(v)))
                }
            }
            pass_over!(visit_bool: bool, visit_str: &str, visit_f64: f64, visit_i64: i64, visit_u64: u64);
            pass_over!(seq);
        }
        from.deserialize_any(Take(PhantomData))
    }
}
