#!/usr/bin/env python3
"""The check of circles between modules, on crates made for it."""
import tempfile
import unittest
from pathlib import Path

from acyclic import fault


class Circles(unittest.TestCase):
    def fault(self, files):
        """What is found in a crate of these files."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, "src", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return fault(Path(folder))

    def test_two_that_use_each_other_are_named(self):
        for to_b, to_a in [
            ("use crate::b::B;", "use crate::a::A;"),
            ("use crate::{c, b::{self, x}};", "fn f() { crate::a::f() }"),
            ("use super::b;", "use super::{c::{d}, a::A};"),
            ('const C: &str = "\\""; use crate::b;', "const C: char = '\"'; use crate::a;"),
        ]:
            found = self.fault({"lib.rs": "mod a; mod b;", "a.rs": to_b, "b/mod.rs": to_a})
            self.assertIn("a uses b uses a", found or "", (to_b, to_a))

    def test_the_long_way_round_is_found(self):
        files = {
            "main.rs": "mod a; mod b; mod c; pub use c::{x, C};",
            "a.rs": "use crate::b;",
            "b/deep/er.rs": "use super::super::super::C;",
            "c.rs": "use crate::a;",
        }
        self.assertIn("a uses b uses c uses a", self.fault(files) or "")
        files["b/deep/er.rs"] = "use super::super::C;"
        self.assertIsNone(self.fault(files))

    def test_what_is_no_use_is_let_be(self):
        files = {
            "lib.rs": "mod a; mod b; pub use a::A;",
            "a.rs": "use crate::b;",
            "b.rs": "//! See [`crate::a`].\n/* crate::a */ use super::b::c; const S: &str = \"crate::a\";\n"
            "#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn f() { super::super::a::f() }\n}\n",
            "b/tests.rs": "use crate::a;",
            "b/c.rs": "use super::d;",
            "b/d.rs": "use super::c;",
        }
        self.assertIsNone(self.fault(files))


if __name__ == "__main__":
    unittest.main()
