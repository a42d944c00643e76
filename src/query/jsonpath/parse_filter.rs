//! The text of a filter to its test.

use super::InvalidPath;
use super::evaluate::Step;
use super::filter::{Operand, Operator, Test};
use super::parse::Parser;
use crate::json::Value;
use regex_lite::{Regex, RegexBuilder};

/// The most that a regular expression may take when it is compiled, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// The operators as they are written, those that begin like another one after it.
const SYMBOLS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

const WORDS: [(&str, Operator); 9] = [
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("subsetof", Operator::SubsetOf),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("all", Operator::All),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
];

impl Parser<'_> {
    /// From the `?` of the bracket that begins at `start`.
    pub(super) fn filter(&mut self, start: usize) -> Result<Step, InvalidPath> {
        self.at += 1;
        self.blanks();
        let no_token = |parser: &Self| InvalidPath::Bracket { position: parser.position(start) };
        if !self.eat("(") {
            return Err(no_token(self));
        }
        self.filters += 1;
        let test = self.deeper(Self::any);
        self.filters -= 1;
        let test = match test {
            Ok(Some(test)) => {
                self.blanks();
                self.eat(")").then_some(test)
            }
            Ok(None) | Err(InvalidPath::Token { .. }) => None,
            Err(invalid) => return Err(invalid),
        };
        let closed = test.is_some().then(|| self.blanks()).is_some_and(|()| self.eat("]"));
        match test {
            Some(test) if closed => Ok(Step::Filter(Box::new(test))),
            _ => Err(self.filter_error(start).unwrap_or_else(|| no_token(self))),
        }
    }

    /// Jayway looks for the filter's end first; nothing if there is none.
    fn filter_error(&self, start: usize) -> Option<InvalidPath> {
        let whole = &self.text[start..];
        let mut open = 0;
        let close = whole.char_indices().find_map(|(i, c)| {
            open += i32::from(c == '(') - i32::from(c == ')');
            (c == ')' && open == 0).then_some(i)
        })?;
        let end = close + whole[close..].find(']')?;
        Some(InvalidPath::Filter {
            filter: whole[..=end].to_owned(),
            position: self.position(self.at).saturating_sub(self.position(start)),
            found: self.rest().chars().next()?,
        })
    }

    /// Tests with `||` between them. Nothing stands for text that is no test, which begins where the parser is.
    fn any(&mut self) -> Result<Option<Test>, InvalidPath> {
        Ok(self.joined("||", Self::every)?.map(|tests| one_or(tests, Test::Or)))
    }

    fn every(&mut self) -> Result<Option<Test>, InvalidPath> {
        Ok(self.joined("&&", Self::test)?.map(|tests| one_or(tests, Test::And)))
    }

    fn joined(
        &mut self,
        joint: &str,
        read: impl Fn(&mut Self) -> Result<Option<Test>, InvalidPath>,
    ) -> Result<Option<Vec<Test>>, InvalidPath> {
        let mut tests = Vec::new();
        loop {
            let Some(test) = read(self)? else { return Ok(None) };
            tests.push(test);
            self.blanks();
            if !self.eat(joint) {
                return Ok(Some(tests));
            }
        }
    }

    fn test(&mut self) -> Result<Option<Test>, InvalidPath> {
        self.blanks();
        if self.eat("!") {
            return Ok(self.deeper(Self::test)?.map(|test| Test::Not(Box::new(test))));
        }
        if self.eat("(") {
            let test = self.deeper(Self::any)?;
            self.blanks();
            return Ok(test.filter(|_| self.eat(")")));
        }
        let Some(left) = self.operand()? else { return Ok(None) };
        self.blanks();
        if self.eat("=~") {
            self.blanks();
            return Ok(self.regex()?.map(|regex| Test::Matches(left, regex)));
        }
        let Some(operator) = self.operator() else {
            return Ok(match left {
                Operand::Literal(Value::Bool(holds)) => Some(Test::Constant(holds)),
                Operand::Literal(_) => None,
                path => Some(Test::Exists(path)),
            });
        };
        self.blanks();
        Ok(self.operand()?.map(|right| Test::Compare(left, operator, right)))
    }

    fn operator(&mut self) -> Option<Operator> {
        let symbol = SYMBOLS.iter().find(|(symbol, _)| self.rest().starts_with(symbol));
        let found = symbol.or_else(|| {
            let length = self.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
            WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(&self.rest()[..length]))
        });
        let (text, operator) = found?;
        self.at += text.len();
        Some(*operator)
    }

    fn operand(&mut self) -> Result<Option<Operand>, InvalidPath> {
        if self.eat("@") {
            return Ok(Some(Operand::Item(self.deeper(Self::steps)?)));
        }
        if self.eat("$") {
            return Ok(Some(Operand::Root(self.deeper(Self::steps)?)));
        }
        Ok(self.literal()?.map(Operand::Literal))
    }

    /// `/pattern/flags`, which has to match the whole text.
    fn regex(&mut self) -> Result<Option<Regex>, InvalidPath> {
        let bytes = self.rest().as_bytes();
        if bytes.first() != Some(&b'/') {
            return Ok(None);
        }
        let mut end = 1;
        while bytes.get(end).is_some_and(|b| *b != b'/') {
            end += 1 + usize::from(bytes[end] == b'\\');
        }
        let Some(pattern) = self.rest().get(1..end) else { return Ok(None) };
        let Some(after) = self.rest().get(end + 1..) else { return Ok(None) };
        let flags = &after[..after.bytes().take_while(u8::is_ascii_alphabetic).count()];
        let pattern = pattern.replace("\\/", "/");
        let invalid = |reason: String| InvalidPath::Regex { pattern: pattern.clone(), reason };
        if let Some(flag) = flags.chars().find(|flag| !"imsxud".contains(*flag)) {
            return Err(invalid(format!("unknown flag '{flag}'")));
        }
        let compile = |text: &str| {
            let has = |flag| flags.contains(flag);
            let mut builder = RegexBuilder::new(text);
            builder.case_insensitive(has('i')).multi_line(has('m')).dot_matches_new_line(has('s'));
            builder.ignore_whitespace(has('x')).size_limit(MAX_REGEX_BYTES).build()
        };
        // Alone first: `a)(b` must not become a pattern by what is put around it.
        compile(&pattern).map_err(|error| invalid(error.to_string()))?;
        // With `x`, a comment would swallow the parenthesis.
        let end_of_comment = if flags.contains('x') { "\n" } else { "" };
        let whole = compile(&format!("\\A(?:{pattern}{end_of_comment})\\z"));
        let regex = whole.map_err(|error| invalid(error.to_string()))?;
        self.at += end + 1 + flags.len();
        Ok(Some(regex))
    }
}

fn one_or(mut tests: Vec<Test>, several: impl FnOnce(Box<[Test]>) -> Test) -> Test {
    if tests.len() == 1 { tests.swap_remove(0) } else { several(tests.into()) }
}
