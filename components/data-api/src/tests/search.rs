//! Searching by a part of a text: always what the regular expression means, by whichever way.

use bson::{Bson, Document, Regex, oid::ObjectId};
use data_api_protocol::{Documents, Query};
use mql::Sort;

use super::*;
use crate::walk;

const THINGS: &str = "test.things";

/// Letters that differ in case alone, not as ASCII has it.
const ALIKE: [&[char]; 5] = [
    &['k', 'K', '\u{212a}'],
    &['s', 'S', 'ſ'],
    &['ß', 'ẞ'],
    &['σ', 'ς', 'Σ'],
    &['é', 'É'],
];

/// Numbers that are the same each time (xorshift64*), and the texts made of them.
struct Dice(u64, Vec<String>);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A text of letters whose case is not that of ASCII, and of what has a meaning to SQLite.
    fn text(&mut self, most: usize) -> String {
        const LETTERS: [char; 24] = [
            'k', 'K', '\u{212a}', 's', 'S', 'ſ', 'ß', 'ẞ', 'σ', 'ς', 'Σ', 'i', 'İ', 'ı', 'é', 'É',
            '漢', '字', '"', '\'', ' ', '\n', '\0', '🎬',
        ];
        let length = self.below(most + 1);
        let text: String = (0..length).map(|_| self.one(&LETTERS)).collect();
        self.1.push(text.clone());
        text
    }

    /// A part of one of the last texts, in another case.
    fn part(&mut self, most: usize) -> String {
        let last = self.1.len().min(300);
        let at = self.1.len() - 1 - self.below(last);
        let characters: Vec<char> = self.1[at].chars().collect();
        let from = self.below(characters.len() + 1);
        let to = characters.len().min(from + 1 + self.below(most));
        let other = |character: &char| {
            let alike = ALIKE.iter().find(|alike| alike.contains(character));
            alike.map_or(*character, |alike| self.one(alike))
        };
        let part: String = characters[from..to].iter().map(other).collect();
        part.replace('\0', r"\x00")
    }

    fn value(&mut self) -> Bson {
        let text = self.text(14);
        match self.below(8) {
            0 => Bson::Array(vec![text.into(), 7.into(), self.text(8).into()]),
            1 => Bson::Array(vec![Bson::Array(vec![text.into()])]),
            2 => Bson::RegularExpression(self.regex()),
            3 => Bson::Symbol(text),
            4 => 5.into(),
            _ => text.into(),
        }
    }

    fn regex(&mut self) -> Regex {
        let part = self.part(6);
        let pattern = match self.below(6) {
            0 => format!("{part}.*{}", self.part(2)),
            1 => format!("({part})"),
            2 => format!("(?i:{part})s"),
            3 => format!("{part}|k"),
            _ => part,
        };
        Regex {
            pattern: pattern.try_into().unwrap(),
            options: self.one(&["", "i", "ix", "is"]).try_into().unwrap(),
        }
    }
}

fn found(database: &Native, filter: &Document, sort: &Document) -> Vec<Bson> {
    let filter = Filter::parse(filter).unwrap();
    let sort = Sort::parse(sort).unwrap();
    let query = Query::new(&filter, &sort, 0, 100);
    let rows = Store::new(database).find(THINGS, &query).unwrap();
    let ids = rows
        .iter()
        .map(|row| row.document().unwrap().get("_id").cloned());
    ids.map(Option::unwrap).collect()
}

#[test]
fn a_search_finds_what_the_expression_means() {
    let fresh = Fresh::new();
    let store = Store::new(&fresh.database);
    let mut dice = Dice(14, vec![String::new()]);
    let mut documents = Vec::new();
    for n in 0..400 {
        documents.push(doc! {"_id": n, "title": dice.value(), "director": dice.value()});
    }
    store.insert(THINGS, &documents).unwrap();
    let mut hits = 0;
    for round in 0..600 {
        // One is changed, or removed and added again, so that the index has to keep step.
        let at = dice.below(documents.len());
        let filter = Filter::parse(&doc! {"_id": at as i32}).unwrap();
        let any = Sort::parse(&doc! {}).unwrap();
        let row = store
            .find(THINGS, &Query::new(&filter, &any, 0, 1))
            .unwrap()
            .remove(0);
        let field = dice.one(&["title", "director"]);
        documents[at].insert(field, dice.value());
        if round % 2 == 0 {
            let change = [(row, documents[at].clone())];
            assert!(store.replace(THINGS, &change).unwrap());
        } else {
            assert!(store.remove(THINGS, &[row]).unwrap());
            store.insert(THINGS, &[documents[at].clone()]).unwrap();
        }

        let filter = doc! {field: {"$regex": dice.regex()}};
        let parsed = Filter::parse(&filter).unwrap();
        let meant = documents.iter().filter(|document| parsed.matches(document));
        let mut meant: Vec<_> = meant
            .map(|document| document.get("_id").unwrap().clone())
            .collect();
        meant.truncate(100);
        assert_eq!(
            found(&fresh.database, &filter, &doc! {"_id": 1}),
            meant,
            "{filter}"
        );
        hits += meant.len();
    }
    assert!(hits > 600, "{hits}");
}

#[test]
fn many_are_paged_and_few_are_found_whatever_the_order() {
    let fresh = Fresh::new();
    let title = |n: i32| match n % 1000 {
        999 => format!("The Rare Tide {n}"),
        _ => format!("The Tide {n}"),
    };
    let documents: Vec<_> = (0..3000)
        .map(|n| doc! {"_id": n, "title": title(n), "rating": n % 7})
        .collect();
    Store::new(&fresh.database)
        .insert(THINGS, &documents)
        .unwrap();
    let by = |part: &str, sort: Document| {
        let filter = doc! {"title": {"$regex": part, "$options": "i"}, "rating": {"$gte": 0}};
        found(&fresh.database, &filter, &sort)
    };
    let first: Vec<_> = (0..100).map(Bson::from).collect();
    assert_eq!(by("the tide", doc! {"_id": 1})[..], first[..]);
    let rare = |ids: [i32; 3]| ids.map(Bson::from);
    assert_eq!(by("RARE", doc! {"_id": -1}), rare([2999, 1999, 999]));
    assert_eq!(
        by("rare", doc! {"rating": -1, "_id": -1}),
        rare([999, 1999, 2999])
    );
    let best = by("tide", doc! {"rating": -1, "_id": -1});
    assert_eq!((best.len(), &best[0]), (100, &Bson::from(2995)));
}

#[test]
fn a_search_is_along_the_index() {
    let fresh = Fresh::new();
    schema::create(&&fresh.database).unwrap();
    let id = ObjectId::new();
    let filter = doc! {"title": {"$regex": "the tide"}, "_id": {"$gt": id}};
    let Plan::Holding(holding, ids, _) =
        Plan::of("n", &Filter::parse(&filter).unwrap(), Order::Any)
    else {
        panic!("no search");
    };
    assert_eq!(walk::expression(&holding).matches('"').count(), 12);
    for descending in [false, true] {
        let text = explained(
            &&fresh.database,
            &Walk::holding("n", &holding, ids.clone(), descending),
        );
        assert!(
            text.contains("parts VIRTUAL TABLE INDEX") && !text.contains("SCAN numbers"),
            "{text}"
        );
    }
}

#[test]
fn a_part_that_is_too_short_is_looked_for_so_far_and_no_farther() {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..200).map(|n| doc! {"_id": n, "title": "Tide"}).collect();
    let mut store = Store::new(&fresh.database);
    store.searched = 50;
    store.insert(THINGS, &documents).unwrap();
    let any = Sort::parse(&doc! {}).unwrap();
    let find = |part: &str, limit: usize| {
        let filter = doc! {"title": {"$regex": part, "$options": "i"}};
        let filter = Filter::parse(&filter).unwrap();
        let found = store.find(THINGS, &Query::new(&filter, &any, 0, limit));
        found
            .map(|found| found.len())
            .map_err(|failure| failure.code.into_owned())
    };
    assert_eq!(find("ti", 20), Ok(20));
    assert_eq!(find("xy", 20), Err("MaxTimeMSExpired".to_owned()));
    assert_eq!(find("xyz", 20), Ok(0));
    // Whoever wants all of them waits for it.
    assert_eq!(find("ti", usize::MAX), Ok(200));
}
