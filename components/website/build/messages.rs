//! The texts of each language, of `messages/{part}.{language}.toml` and `messages/{language}.toml`, as a struct with a field for each: what a page asks for is there, in all.
//!
//! A text with `{places}` is a method that takes what stands there, in the order of the English one's. A table with `other` has a text
//! for each plural category of its language (Unicode's CLDR), chosen by `n`. The table `said` has what services say, which they do in the
//! first language, in the others.

use std::{collections::BTreeMap, error::Error, fmt::Write, fs, path::Path};

use toml::{Table, Value};

/// The language that decides what texts there are.
const FIRST: &str = "en";

const CATEGORIES: [(&str, &str); 6] = [
    ("zero", "Zero"),
    ("one", "One"),
    ("two", "Two"),
    ("few", "Few"),
    ("many", "Many"),
    ("other", "Other"),
];

enum Text {
    One(String),
    Many(Vec<String>),
    ByNumber(Vec<(&'static str, String)>),
}

type Texts = BTreeMap<String, Text>;

type Said = Vec<(String, String)>;

/// What services say, and how a language has it.
const SAID: &str = "said";

pub fn generated(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut languages: BTreeMap<String, (Texts, Said)> = BTreeMap::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let tag = name.rsplit('.').next().unwrap_or_default().to_owned();
        let mut table: Table =
            toml::from_str(&fs::read_to_string(&path)?).map_err(|why| format!("{name}: {why}"))?;
        let (texts, all) = languages.entry(tag).or_default();
        all.append(&mut said(table.remove(SAID)).map_err(|why| format!("{name}: {why}"))?);
        let mut found = Texts::new();
        flatten("", table, &mut found).map_err(|why| format!("{name}: {why}"))?;
        if let Some(twice) = found.keys().find(|key| texts.contains_key(*key)) {
            return Err(format!("{name}: {twice} is in another file already").into());
        }
        texts.append(&mut found);
    }
    languages.values_mut().for_each(|(_, said)| sort(said));
    let first = languages.remove(FIRST).ok_or("there is no en.toml")?;
    for (tag, (texts, _)) in &languages {
        alike(&first.0, texts).map_err(|why| format!("{tag}.toml: {why}"))?;
    }
    let mut code = declared(&first.0)?;
    writeln!(code, "pub static ALL: [Texts; {}] = [", languages.len() + 1)?;
    write!(code, "{}", value(FIRST, &first)?)?;
    for (tag, language) in &languages {
        write!(code, "{}", value(tag, language)?)?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// What services say, each with how it is said here.
fn said(table: Option<Value>) -> Result<Said, String> {
    let mut all = Said::new();
    for (words, text) in table
        .as_ref()
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
    {
        let text = text
            .as_str()
            .ok_or_else(|| format!("said: {words} has no text"))?;
        if sorted(words) != sorted(text) {
            return Err(format!("said: {words} has other places"));
        }
        all.push((words.clone(), text.to_owned()));
    }
    Ok(all)
}

/// The most telling first: those with the most letters of their own.
fn sort(all: &mut Said) {
    let literal = |words: &str| {
        words
            .split('{')
            .map(|part| part.split('}').next_back().map_or(0, str::len))
            .sum::<usize>()
    };
    all.sort_by_key(|(words, _)| std::cmp::Reverse(literal(words)));
}

fn flatten(before: &str, table: Table, texts: &mut Texts) -> Result<(), String> {
    for (key, value) in table {
        let name = if before.is_empty() {
            key
        } else {
            format!("{before}_{key}")
        };
        let text = match value {
            Value::String(text) => Text::One(text),
            Value::Array(items) => Text::Many(
                items
                    .iter()
                    .map(|item| item.as_str().unwrap_or_default().to_owned())
                    .collect(),
            ),
            Value::Table(table) if table.contains_key("other") => {
                let mut found = Vec::new();
                for (key, value) in table {
                    let (_, category) = CATEGORIES
                        .into_iter()
                        .find(|(known, _)| *known == key)
                        .ok_or_else(|| format!("{name}.{key} is no category"))?;
                    found.push((category, value.as_str().unwrap_or_default().to_owned()));
                }
                Text::ByNumber(found)
            }
            Value::Table(table) => {
                flatten(&name, table, texts)?;
                continue;
            }
            _ => return Err(format!("{name} is no text")),
        };
        texts.insert(name, text);
    }
    Ok(())
}

/// What is wrong with a language's texts beside the first one's.
fn alike(first: &Texts, others: &Texts) -> Result<(), String> {
    if let Some(name) = others.keys().find(|name| !first.contains_key(*name)) {
        return Err(format!("{name} is not in {FIRST}.toml"));
    }
    for (name, text) in first {
        let same = match (text, others.get(name)) {
            (Text::One(text), Some(Text::One(other))) => sorted(text) == sorted(other),
            (Text::Many(items), Some(Text::Many(others))) => items.len() == others.len(),
            (Text::ByNumber(_), Some(Text::ByNumber(others))) => {
                let expected = sorted(other(text));
                others.iter().any(|(category, _)| *category == "Other")
                    && others
                        .iter()
                        .all(|(_, text)| sorted(text).iter().all(|place| expected.contains(place)))
            }
            _ => return Err(format!("{name} is missing")),
        };
        if !same {
            return Err(format!("{name} is not made as in {FIRST}.toml"));
        }
    }
    Ok(())
}

fn other(text: &Text) -> &str {
    match text {
        Text::One(text) => text,
        Text::Many(_) => "",
        Text::ByNumber(texts) => texts
            .iter()
            .find(|(category, _)| *category == "Other")
            .map_or("", |(_, text)| text),
    }
}

/// What stands between braces, in its order.
fn places(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for part in text.split('{').skip(1) {
        if let Some((place, _)) = part.split_once('}')
            && !found.contains(&place)
        {
            found.push(place);
        }
    }
    found
}

fn sorted(text: &str) -> Vec<&str> {
    let mut places = places(text);
    places.sort_unstable();
    places
}

fn declared(first: &Texts) -> Result<String, Box<dyn Error>> {
    let (mut fields, mut methods) = (String::new(), String::new());
    for (name, text) in first {
        let places = places(other(text));
        let given: String = places
            .iter()
            .filter(|place| **place != "n")
            .map(|place| format!(", {place}: impl Display"))
            .collect();
        let filled: String = places
            .iter()
            .map(|place| format!("({place:?}, &{place}),"))
            .collect();
        match text {
            Text::Many(_) => writeln!(fields, "    pub {name}: &'static [&'static str],")?,
            Text::One(_) if places.is_empty() => writeln!(fields, "    pub {name}: &'static str,")?,
            Text::One(_) => {
                let n = if places.contains(&"n") {
                    ", n: impl Display"
                } else {
                    ""
                };
                writeln!(fields, "    {name}: &'static str,")?;
                writeln!(
                    methods,
                    "    pub fn {name}(&self{n}{given}) -> String {{ fill(self.{name}, &[{filled}]) }}"
                )?;
            }
            Text::ByNumber(_) => {
                writeln!(fields, "    {name}: ByNumber,")?;
                writeln!(
                    methods,
                    "    pub fn {name}(&self, n: u32{given}) -> String {{ fill(self.by_number(self.{name}, n), &[{filled}]) }}"
                )?;
            }
        }
    }
    Ok(format!(
        "pub struct Texts {{\n    pub tag: &'static str,\n    said: &'static [(&'static str, &'static str)],\n{fields}}}\n\nimpl Texts {{\n{methods}}}\n\n"
    ))
}

fn value(tag: &str, (texts, said): &(Texts, Said)) -> Result<String, Box<dyn Error>> {
    let mut code = format!("    Texts {{\n        tag: {tag:?},\n        said: &{said:?},\n");
    for (name, text) in texts {
        match text {
            Text::One(text) => writeln!(code, "        {name}: {text:?},")?,
            Text::Many(items) => writeln!(code, "        {name}: &{items:?},")?,
            Text::ByNumber(texts) => {
                let texts: String = texts
                    .iter()
                    .map(|(category, text)| format!("(PluralCategory::{category}, {text:?}),"))
                    .collect();
                writeln!(code, "        {name}: &[{texts}],")?;
            }
        }
    }
    code.push_str("    },\n");
    Ok(code)
}
