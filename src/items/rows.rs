//! Rows of delimited text (`InputType` `CSV`): one item for each row, an object with a text for each header.
//!
//! The rules are those of AWS's page "How Step Functions parses input CSV files", and what was recorded. They are those of the
//! RFC 4180 with backslashes besides, and quotation marks that are doubled outside quotation marks too. What they leave
//! open is not guessed at: [`Unclear`].

use super::{Unreadable, refused};
use crate::json::{Value, hash_order};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::sync::Arc;

/// How rows are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// `CSVDelimiter`
    pub delimiter: Delimiter,
    /// `CSVHeaders`; without any the first row has them.
    pub headers: Option<Box<[SmolStr]>>,
}

/// What separates the fields of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Delimiter {
    #[default]
    Comma,
    Pipe,
    Semicolon,
    Space,
    Tab,
}

impl Delimiter {
    /// The words of `CSVDelimiter`.
    pub const WORDS: [&'static str; 5] = ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"];

    /// The delimiter of this name.
    pub fn from_word(word: &str) -> Option<Delimiter> {
        use Delimiter::{Comma, Pipe, Semicolon, Space, Tab};
        let place = Delimiter::WORDS.iter().position(|known| *known == word)?;
        [Comma, Pipe, Semicolon, Space, Tab].get(place).copied()
    }

    fn character(self) -> char {
        match self {
            Delimiter::Comma => ',',
            Delimiter::Pipe => '|',
            Delimiter::Semicolon => ';',
            Delimiter::Space => ' ',
            Delimiter::Tab => '\t',
        }
    }
}

/// Text of which neither AWS's documentation nor a recording says what AWS reads in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} in line {line}")]
pub struct Unclear {
    what: &'static str,
    line: usize,
}

/// The most bytes that a row of headers may have (documented; what AWS says of more is not).
const MAX_HEADER_BYTES: usize = 10 << 10;

impl Rows {
    /// The items.
    pub fn read(&self, text: &str) -> Result<Arc<[Value]>, Unreadable> {
        let mut rows = Reader { rest: text, delimiter: self.delimiter.character(), line: 1 };
        let given = self.headers.as_deref().map(<[SmolStr]>::to_vec);
        let headers = match given {
            Some(headers) => headers,
            None => rows.next().transpose().map_err(Unreadable::Unclear)?.unwrap_or_default(),
        };
        if headers.iter().map(|header| header.len() + 1).sum::<usize>() > MAX_HEADER_BYTES {
            let what = "headers of more than 10 KiB";
            return Err(Unreadable::Unclear(Unclear { what, line: 1 }));
        }
        // Recorded of CSVHeaders; that a first row hears the same is a guess.
        if headers.iter().collect::<HashSet<_>>().len() < headers.len() {
            return Err(Unreadable::Refused(refused("CSV headers cannot contain duplicates.")));
        }
        // The members stand in the order of a hash table (recorded).
        let mut order: Vec<(usize, SmolStr)> = headers.into_iter().enumerate().collect();
        hash_order::arrange(&mut order, hash_order::BUCKETS, |(_, header)| hash_order::of_text(header));
        let item = |fields: Vec<SmolStr>| {
            // Fields that a row lacks are empty, and those without a header are skipped (documented and recorded).
            let field = |place: usize| Value::string(fields.get(place).cloned().unwrap_or_default());
            Value::object(order.iter().map(|(place, header)| (header.clone(), field(*place))))
        };
        rows.map(|row| row.map(item)).collect::<Result<_, _>>().map_err(Unreadable::Unclear)
    }
}

/// Takes one row after the other from a text.
struct Reader<'a> {
    rest: &'a str,
    delimiter: char,
    line: usize,
}

/// What comes behind a field.
enum Behind {
    Field,
    Row,
}

impl Iterator for Reader<'_> {
    type Item = Result<Vec<SmolStr>, Unclear>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            match self.field() {
                Err(unclear) => {
                    self.rest = "";
                    return Some(Err(unclear));
                }
                Ok((field, behind)) => {
                    fields.push(field);
                    if let Behind::Row = behind {
                        return Some(Ok(fields));
                    }
                }
            }
        }
    }
}

impl Reader<'_> {
    fn take(&mut self) -> Option<char> {
        let taken = self.rest.chars().next()?;
        self.rest = &self.rest[taken.len_utf8()..];
        self.line += usize::from(taken == '\n');
        Some(taken)
    }

    /// Takes the character that comes next if it is this one.
    fn take_if(&mut self, expected: char) -> bool {
        let is_next = self.rest.starts_with(expected);
        if is_next {
            self.take();
        }
        is_next
    }

    fn unclear(&self, what: &'static str) -> Unclear {
        Unclear { what, line: self.line }
    }

    fn field(&mut self) -> Result<(SmolStr, Behind), Unclear> {
        let mut field = String::new();
        let quoted = self.opens_quotes();
        let mut inside = quoted;
        let mut escaped_quotes = 0;
        loop {
            let Some(next) = self.take() else {
                return match inside {
                    true => Err(self.unclear("a quotation mark without its counterpart")),
                    false => self.ended(field, escaped_quotes, Behind::Row),
                };
            };
            match next {
                '\\' => match self.take() {
                    Some('"') => {
                        escaped_quotes += 1;
                        field.push('"');
                    }
                    // A backslash before any other character is taken away.
                    Some('\n' | '\r') | None => return Err(self.unclear("a backslash at the end")),
                    Some(other) => field.push(other),
                },
                '"' if self.take_if('"') => field.push('"'),
                '"' if inside => inside = false,
                '"' => return Err(self.unclear("a quotation mark within a field")),
                next if inside => field.push(next),
                '\n' => return self.ended(field, escaped_quotes, Behind::Row),
                '\r' if self.take_if('\n') => return self.ended(field, escaped_quotes, Behind::Row),
                '\r' => return Err(self.unclear("a carriage return alone")),
                next if next == self.delimiter => return self.ended(field, escaped_quotes, Behind::Field),
                '\u{FEFF}' => return Err(self.unclear("a byte order mark")),
                _ if quoted => return Err(self.unclear("text behind a quotation mark")),
                next => field.push(next),
            }
        }
    }

    /// Whether the field begins with a quotation mark, which is taken. Two of them are an empty field in quotation marks if
    /// nothing else is in the field, and a doubled quotation mark if there is.
    fn opens_quotes(&mut self) -> bool {
        let empty = self
            .rest
            .strip_prefix("\"\"")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']) || rest.starts_with(self.delimiter));
        let doubled = self.rest.starts_with("\"\"") && !self.rest.starts_with("\"\"\"");
        (empty || !doubled) && self.take_if('"')
    }

    /// Documented: quotation marks behind backslashes only work in pairs.
    fn ended(&self, field: String, escaped_quotes: usize, behind: Behind) -> Result<(SmolStr, Behind), Unclear> {
        match escaped_quotes % 2 {
            0 => Ok((field.into(), behind)),
            _ => Err(self.unclear("a quotation mark behind a backslash without its counterpart")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(delimiter: &str, headers: Option<&[&str]>, text: &str) -> Result<String, String> {
        let delimiter = Delimiter::from_word(delimiter).expect("a delimiter");
        let headers = headers.map(|headers| headers.iter().map(SmolStr::new).collect());
        match (Rows { delimiter, headers }).read(text) {
            Ok(items) => Ok(Value::array(items.to_vec()).to_compact_text()),
            Err(Unreadable::Refused(failure)) => Err(failure.cause().unwrap_or_default().to_string()),
            Err(Unreadable::Unclear(unclear)) => Err(unclear.to_string()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_are_read_as_recorded() {
        let rows = ",,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n";
        for (headers, text, expected) in [
            (
                None,
                format!("Col1,Col2,Col3\nValue1,Value2,Value3\n{rows}"),
                r#"[{"Col1":"Value1","Col2":"Value2","Col3":"Value3"},{"Col1":"","Col2":"","Col3":""},{"Col1":"true","Col2":"1","Col3":"'HelloWorld'"},{"Col1":"Null","Col2":"None","Col3":""},{"Col1":"   ","Col2":"","Col3":""}]"#,
            ),
            (
                None,
                format!("H1,\nValue4,Value5,Value6\n{rows}"),
                r#"[{"":"Value5","H1":"Value4"},{"":"","H1":""},{"":"1","H1":"true"},{"":"None","H1":"Null"},{"":"","H1":"   "}]"#,
            ),
            (None, "0,True,{}\nValue4,Value5,Value6\n".to_owned(), r#"[{"0":"Value4","{}":"Value6","True":"Value5"}]"#),
            (Some(&["H1"][..]), "Value1,Value2\n,,,\n".to_owned(), r#"[{"H1":"Value1"},{"H1":""}]"#),
        ] {
            assert_eq!(items("COMMA", headers, &text).as_deref(), Ok(expected), "{text}");
        }
        let duplicates = items("COMMA", Some(&["H1", "H1", "H3"]), "1,2,3");
        assert_eq!(duplicates, Err("CSV headers cannot contain duplicates.".to_owned()));
    }

    #[test]
    fn fields_may_hold_what_separates_them() {
        for (delimiter, text, expected) in [
            // The example of AWS's page.
            (
                "COMMA",
                "abc,\"commas, (\"\"), newline (\n)\",{\"\"MyKey\"\":\"\"MyValue\"\"}\n",
                r#"[{"a":"abc","b":"commas, (\"), newline (\n)","c":"{\"MyKey\":\"MyValue\"}"}]"#,
            ),
            ("COMMA", "\"\",\"x\",\"[1,2,3]\"", r#"[{"a":"","b":"x","c":"[1,2,3]"}]"#),
            ("COMMA", "\"\"\"q\"\"\",y,\r\n1,2,3\r\n", r#"[{"a":"\"q\"","b":"y","c":""},{"a":"1","b":"2","c":"3"}]"#),
            ("COMMA", r"C:\\Program Files\\App,a\,b,\x\t", r#"[{"a":"C:\\Program Files\\App","b":"a,b","c":"xt"}]"#),
            ("COMMA", r#"\"a\",\"\",c"#, r#"[{"a":"\"a\"","b":"\"\"","c":"c"}]"#),
            ("PIPE", "1|2,5|3", r#"[{"a":"1","b":"2,5","c":"3"}]"#),
            ("SEMICOLON", "1;\"2;5\";3", r#"[{"a":"1","b":"2;5","c":"3"}]"#),
            ("SPACE", "1 2  ", r#"[{"a":"1","b":"2","c":""}]"#),
            ("TAB", "1\t2\t3", r#"[{"a":"1","b":"2","c":"3"}]"#),
            ("COMMA", "1\n\n2", r#"[{"a":"1","b":"","c":""},{"a":"","b":"","c":""},{"a":"2","b":"","c":""}]"#),
            ("COMMA", "", "[]"),
        ] {
            assert_eq!(items(delimiter, Some(&["a", "b", "c"]), text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_nobody_documents_is_not_guessed_at() {
        for (text, expected) in [
            ("a\n5\" nail\n", "a quotation mark within a field in line 2"),
            ("a\n\"x\n", "a quotation mark without its counterpart in line 3"),
            ("a\n\"x\"y\n", "text behind a quotation mark in line 2"),
            ("a\n\\\"x\n", "a quotation mark behind a backslash without its counterpart in line 3"),
            ("a\nb\\", "a backslash at the end in line 2"),
            ("a\rb", "a carriage return alone in line 1"),
            ("\u{FEFF}a\nb", "a byte order mark in line 1"),
        ] {
            assert_eq!(items("COMMA", None, text), Err(expected.to_owned()), "{text}");
        }
        let long = format!("{}\nx", "h".repeat(MAX_HEADER_BYTES));
        assert_eq!(items("COMMA", None, &long), Err("headers of more than 10 KiB in line 1".to_owned()));
    }
}
