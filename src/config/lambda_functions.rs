//! The table of Lambda functions that have a runtime container of their own.

use crate::arn::{Arn, Namespace};
use crate::endpoint::{Endpoint, EndpointProblem};
use smol_str::SmolStr;

/// Functions and where each of them is. At most one entry has the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LambdaFunctions(Vec<LambdaFunction>);

/// A function, as far as the entry names it, and its container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaFunction {
    name: FunctionName,
    /// Where the container is.
    pub endpoint: Endpoint,
}

/// What is known of a function that is named: at least its bare name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FunctionName {
    account: Option<SmolStr>,
    region: Option<SmolStr>,
    name: SmolStr,
    qualifier: Option<SmolStr>,
}

/// Why a text is no entry of the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LambdaFunctionProblem {
    #[error("is not NAME=URL")]
    NoUrl,
    #[error("has no function's name or ARN, or either with a qualifier, before the =")]
    Name,
    #[error("has behind the = what {0}")]
    Endpoint(EndpointProblem),
    #[error("names a function that has a URL already")]
    Twice,
}

/// What the containers' one function is called by, whatever its name is.
const PATH: &str = "/2015-03-31/functions/function/invocations";

impl LambdaFunctions {
    /// Adds `NAME=URL`; the URL may end with the path of the container's function.
    pub fn add(&mut self, text: &str) -> Result<&LambdaFunction, LambdaFunctionProblem> {
        let (name, url) = text.split_once('=').ok_or(LambdaFunctionProblem::NoUrl)?;
        let name = FunctionName::parse(name.trim()).ok_or(LambdaFunctionProblem::Name)?;
        let url = url.trim();
        let endpoint =
            Endpoint::parse(url.strip_suffix(PATH).unwrap_or(url)).map_err(LambdaFunctionProblem::Endpoint)?;
        if self.0.iter().any(|function| function.name == name) {
            return Err(LambdaFunctionProblem::Twice);
        }
        self.0.push(LambdaFunction { name, endpoint });
        Ok(self.0.last().expect("the one that was added"))
    }

    /// Adds the entries of another table whose names this one doesn't have.
    pub fn add_missing(&mut self, others: LambdaFunctions) {
        for other in others.0 {
            if self.0.iter().all(|function| function.name != other.name) {
                self.0.push(other);
            }
        }
    }

    /// The containers, each once.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        let is_new =
            |place: usize, endpoint: &Endpoint| self.0[..place].iter().all(|other| other.endpoint != *endpoint);
        self.0.iter().map(|function| &function.endpoint).enumerate().filter(move |(i, e)| is_new(*i, e)).map(|(_, e)| e)
    }

    /// The entry for a call of this function on behalf of an account in a region: of all that it fits the one that says
    /// most. A bare name stands for all versions and aliases in any account and region; a call without a qualifier is one of
    /// `$LATEST`.
    pub fn find(&self, namespace: &Namespace, function: &str, qualifier: Option<&str>) -> Option<&LambdaFunction> {
        let mut called = FunctionName::parse(function)?;
        called.account.get_or_insert_with(|| namespace.account.clone());
        called.region.get_or_insert_with(|| namespace.region.clone());
        called.qualifier.get_or_insert_with(|| qualifier.unwrap_or("$LATEST").into());
        let fits = |entry: &FunctionName| {
            let is = |entry: &Option<SmolStr>, called: &Option<SmolStr>| entry.is_none() || entry == called;
            entry.name == called.name
                && is(&entry.account, &called.account)
                && is(&entry.region, &called.region)
                && is(&entry.qualifier, &called.qualifier)
        };
        let says = |entry: &FunctionName| (entry.account.is_some(), entry.region.is_some(), entry.qualifier.is_some());
        self.0.iter().filter(|function| fits(&function.name)).max_by_key(|function| says(&function.name))
    }
}

impl FunctionName {
    /// `name`, an ARN, or what stands of one behind the region, `account:function:name`; each perhaps with `:qualifier`.
    fn parse(text: &str) -> Option<Self> {
        let (account, region, rest) = match (Arn::parse(text), text.split_once(":function:")) {
            (Some(arn), _) if arn.service == "lambda" => {
                (Some(arn.account), Some(arn.region), arn.resource.strip_prefix("function:")?)
            }
            (Some(_), _) => return None,
            (None, Some((account, rest))) => (Some(account), None, rest),
            (None, None) => (None, None, text),
        };
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let (name, qualifier) = rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        let plain = |text: &str, more: &[char]| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c) || more.contains(&c))
        };
        let is_right = account.is_none_or(is_account)
            && plain(name, &[])
            && qualifier.is_none_or(|qualifier| plain(qualifier, &['$']));
        is_right.then(|| Self {
            account: account.map(Into::into),
            region: region.map(Into::into),
            name: name.into(),
            qualifier: qualifier.map(Into::into),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[&str]) -> LambdaFunctions {
        let mut functions = LambdaFunctions::default();
        for entry in entries {
            functions.add(entry).expect("an entry");
        }
        functions
    }

    #[test]
    fn the_entry_that_says_most_is_taken() {
        let functions = table(&[
            "f=http://name:8080",
            "f:live=http://qualified:8080",
            "arn:aws:lambda:eu-west-1:111122223333:function:f=http://arn:8080",
            "g:live=http://g:8080/2015-03-31/functions/function/invocations",
            "111122223333:function:f=http://account:8080",
            "h:$LATEST=http://latest:8080",
        ]);
        let namespace = Namespace { account: "123456789012".into(), region: "us-east-1".into() };
        for (function, qualifier, expected) in [
            ("f", None, Some("http://name:8080")),
            ("f:1", None, Some("http://name:8080")),
            ("f", Some("live"), Some("http://qualified:8080")),
            ("f:live", None, Some("http://qualified:8080")),
            ("arn:aws:lambda:us-east-1:123456789012:function:f", None, Some("http://name:8080")),
            ("arn:aws:lambda:eu-west-1:111122223333:function:f", None, Some("http://arn:8080")),
            ("arn:aws:lambda:eu-west-1:111122223333:function:f:live", None, Some("http://arn:8080")),
            ("123456789012:function:f", None, Some("http://name:8080")),
            ("111122223333:function:f", None, Some("http://account:8080")),
            ("111122223333:function:f:live", None, Some("http://account:8080")),
            ("us-east-1:111122223333:function:f", None, None),
            ("g", None, None),
            ("g", Some("live"), Some("http://g:8080")),
            ("h", None, Some("http://latest:8080")),
            ("h:$LATEST", None, Some("http://latest:8080")),
            ("h", Some("$LATEST"), Some("http://latest:8080")),
            ("h", Some("live"), None),
            ("i", None, None),
            ("arn:aws:sqs:us-east-1:123456789012:f", None, None),
        ] {
            let found = functions.find(&namespace, function, qualifier).map(|found| found.endpoint.to_string());
            assert_eq!(found.as_deref(), expected, "{function} {qualifier:?}");
        }
    }

    #[test]
    fn an_entry_is_a_name_and_a_url() {
        const NO_NAME: &str = "has no function's name or ARN, or either with a qualifier, before the =";
        let mut functions = table(&["f=http://f:8080"]);
        for (entry, problem) in [
            ("f", "is not NAME=URL"),
            ("=http://f", NO_NAME),
            ("a b=http://f", NO_NAME),
            ("arn:aws:sqs:us-east-1:123456789012:q=http://f", NO_NAME),
            ("1234:function:f=http://f", NO_NAME),
            ("us-east-1:123456789012:function:f=http://f", NO_NAME),
            ("g=f:8080", "has behind the = what is not a URL that begins with http:// or https://"),
            ("f=http://other", "names a function that has a URL already"),
        ] {
            assert_eq!(functions.add(entry).expect_err(entry).to_string(), problem, "{entry}");
        }
    }

    #[test]
    fn a_container_may_have_several_functions() {
        let mut functions = table(&["f=http://a:1", "g=http://a:1"]);
        functions.add_missing(table(&["g=http://b:1", "h=http://c:1"]));
        let endpoints: Vec<String> = functions.endpoints().map(Endpoint::to_string).collect();
        assert_eq!(endpoints, ["http://a:1", "http://c:1"]);
    }
}
