//! The parameters of `eks:call` and `eks:runJob`, which speak to the API of a cluster: AWS's developer guide, "Create and
//! manage Amazon EKS clusters with Step Functions".

use crate::asl::{EKS_CALL_MEMBERS, EKS_RUN_JOB_MEMBERS};
use crate::failure::ParameterProblem;
use crate::json::Value;
use smol_str::SmolStr;

/// What of a cluster is called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// `ClusterName`, which the token of the request names.
    pub name: SmolStr,
    /// `Endpoint`: the URL of its API.
    pub endpoint: SmolStr,
    /// `CertificateAuthority`: who signed the certificate of its API, in PEM and Base64.
    pub authority: SmolStr,
}

/// A request to the API of a cluster, its parameters as evaluated and found to be usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesCall {
    /// Whom to ask.
    pub cluster: Cluster,
    /// `Method`
    pub method: SmolStr,
    /// `Path`
    pub path: SmolStr,
    /// `QueryParameters`
    pub query: Vec<(SmolStr, SmolStr)>,
    /// `RequestBody`
    pub body: Option<Value>,
}

/// A Kubernetes job, its parameters as evaluated and found to be usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesJob {
    /// Where it runs.
    pub cluster: Cluster,
    /// `Namespace`
    pub namespace: SmolStr,
    /// `Job`
    pub job: Value,
    /// `LogOptions`, if logs are to be retrieved.
    pub logs: Option<LogOptions>,
    /// Whether the task waits for its end.
    pub is_waited_for: bool,
}

/// How the logs of a job are retrieved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogOptions {
    /// `RawLogs`: whether they stay texts.
    pub raw: bool,
    /// `LogParameters`
    pub query: Vec<(SmolStr, SmolStr)>,
}

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];

impl KubernetesCall {
    /// The request with these parameters, or all that is wrong with them. Which words AWS has for a wrong method or query
    /// is a guess.
    pub fn of(parameters: &Value) -> Result<KubernetesCall, Vec<ParameterProblem>> {
        let mut read = Reader::of(parameters, &EKS_CALL_MEMBERS);
        let cluster = read.cluster();
        let method = read.required("Method", |text| METHODS.contains(&text));
        let path = read.required("Path", |text| !text.is_empty());
        let query = read.lists("QueryParameters");
        let body = read.given("RequestBody").cloned();
        read.done(KubernetesCall { cluster, method, path, query, body })
    }
}

impl KubernetesJob {
    /// The job with these parameters, or all that is wrong with them.
    pub fn of(parameters: &Value, is_waited_for: bool) -> Result<KubernetesJob, Vec<ParameterProblem>> {
        let mut read = Reader::of(parameters, &EKS_RUN_JOB_MEMBERS);
        let cluster = read.cluster();
        let namespace = match read.given("Namespace") {
            None => "default".into(),
            Some(_) => read.required("Namespace", |text| !text.is_empty()),
        };
        let job = match read.given("Job") {
            None => Err(ParameterProblem::Missing("Job")),
            // Documented: JSON, or a text of it.
            Some(Value::String(text)) => Value::parse(text).map_err(|_| ParameterProblem::InvalidFormat("Job")),
            Some(job) => Ok(job.clone()),
        };
        let job = job.and_then(|mut job| {
            job.forget_text();
            if job.as_object().is_some() { Ok(job) } else { Err(ParameterProblem::InvalidFormat("Job")) }
        });
        let job = job.unwrap_or_else(|problem| {
            read.problems.push(problem);
            Value::Null
        });
        let logs = read.log_options();
        read.done(KubernetesJob { cluster, namespace, job, logs, is_waited_for })
    }
}

/// Reads parameters and notes what is wrong with them.
struct Reader<'a> {
    parameters: &'a Value,
    problems: Vec<ParameterProblem>,
}

impl<'a> Reader<'a> {
    /// A reader of parameters of which these are known.
    fn of(parameters: &'a Value, known: &[&str]) -> Self {
        let members = parameters.as_object().into_iter().flat_map(|members| members.iter());
        let unknown = members.filter(|(name, _)| !known.contains(&name.as_str()));
        let problems = unknown.map(|(name, _)| ParameterProblem::NotSupported(name.clone())).collect();
        Self { parameters, problems }
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.parameters.get(name).filter(|value| !value.is_null())
    }

    fn required(&mut self, name: &'static str, fits: fn(&str) -> bool) -> SmolStr {
        let problem = match self.given(name) {
            None => ParameterProblem::Missing(name),
            Some(Value::String(text)) if fits(text) => return text.clone(),
            Some(Value::String(_)) => ParameterProblem::InvalidFormat(name),
            Some(_) => ParameterProblem::NotAString(name),
        };
        self.problems.push(problem);
        SmolStr::default()
    }

    fn cluster(&mut self) -> Cluster {
        Cluster {
            name: self.required("ClusterName", |text| !text.is_empty() && super::fits_into_a_header(text)),
            endpoint: self.required("Endpoint", |text| !text.is_empty()),
            authority: self.required("CertificateAuthority", |_| true),
        }
    }

    fn lists(&mut self, name: &'static str) -> Vec<(SmolStr, SmolStr)> {
        let lists = self.given(name).map_or_else(|| Some(Vec::new()), super::api_gateway::pairs);
        lists.unwrap_or_else(|| {
            self.problems.push(ParameterProblem::InvalidFormat(name));
            Vec::new()
        })
    }

    fn log_options(&mut self) -> Option<LogOptions> {
        let options = self.given("LogOptions")?;
        let mut inner = Reader::of(options, &["RetrieveLogs", "RawLogs", "LogParameters"]);
        if options.as_object().is_none() {
            inner.problems.push(ParameterProblem::InvalidFormat("LogOptions"));
        }
        let retrieve = inner.flag("RetrieveLogs");
        let options = LogOptions { raw: inner.flag("RawLogs"), query: inner.lists("LogParameters") };
        self.problems.append(&mut inner.problems);
        retrieve.then_some(options)
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.given(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.problems.push(ParameterProblem::WrongType { field: name.into(), wanted: "BOOLEAN" });
                false
            }
        }
    }

    fn done<T>(self, read: T) -> Result<T, Vec<ParameterProblem>> {
        if self.problems.is_empty() { Ok(read) } else { Err(self.problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = r#""ClusterName":"c","Endpoint":"http://e","CertificateAuthority":"a""#;

    fn problems<T>(read: Result<T, Vec<ParameterProblem>>) -> String {
        read.err().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn calls_are_taken_or_all_their_problems_told() {
        let of = |more: &str| KubernetesCall::of(&Value::parse(&format!("{{{CLUSTER}{more}}}")).expect("valid JSON"));
        let call =
            of(r#","Method":"GET","Path":"/api/v1/pods","QueryParameters":{"a":["1","2"]},"RequestBody":{"b":1}"#);
        let call = call.expect("usable");
        assert_eq!(call.query, [("a".into(), "1".into()), ("a".into(), "2".into())]);
        assert_eq!(call.cluster.name, "c");
        for (more, expected) in [
            (r#","Method":"GET""#, "The field 'Path' is required but was missing"),
            (r#","Method":"get","Path":"/""#, "The value of the field 'Method' has an invalid format"),
            (
                r#","Method":1,"Path":"/","QueryParameters":{"a":"1"}"#,
                "The value for the field 'Method' must be a STRING, The value of the field 'QueryParameters' has an \
                 invalid format",
            ),
        ] {
            assert_eq!(problems(of(more)), expected, "{more}");
        }
    }

    #[test]
    fn jobs_are_taken_or_all_their_problems_told() {
        let of =
            |more: &str| KubernetesJob::of(&Value::parse(&format!("{{{CLUSTER}{more}}}")).expect("valid JSON"), true);
        let job = of(r#","Job":"{\"kind\":\"Job\"}""#).expect("usable");
        assert_eq!(
            (job.namespace.as_str(), job.job.to_text().as_str(), job.logs),
            ("default", r#"{"kind":"Job"}"#, None)
        );
        let job = of(r#","Job":{},"LogOptions":{"RetrieveLogs":true,"LogParameters":{"tailLines":["6"]}}"#);
        assert_eq!(job.expect("usable").logs.map(|logs| logs.query.len()), Some(1));
        for (more, expected) in [
            ("", "The field 'Job' is required but was missing"),
            (r#","Job":[]"#, "The value of the field 'Job' has an invalid format"),
            (r#","Job":"no""#, "The value of the field 'Job' has an invalid format"),
            (
                r#","Job":{},"LogOptions":{"RetrieveLogs":"yes","Tail":1}"#,
                "The field \"Tail\" is not supported by Step Functions, The value for the field 'RetrieveLogs' must be a \
                 BOOLEAN",
            ),
        ] {
            assert_eq!(problems(of(more)), expected, "{more}");
        }
    }
}
