//! [`Sources`]: all that settings come from, and which of them wins.

use std::{
    fmt,
    io::IsTerminal,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use super::{Origin, Problem, Settings, env::Variables, merge::Merge, strength};
use crate::{Level, filter::LevelFilter};

/// Changes settings in code.
pub(crate) struct Change {
    /// What it sets for sure, be it to what it was before.
    pub(crate) keys: &'static [&'static str],
    pub(crate) change: Box<dyn Fn(&mut Settings) + Send + Sync>,
}

/// All that settings come from. Weakest first: default, what is detected, preset, `RUST_LOG`, file,
/// code, variables.
#[derive(Default)]
pub(crate) struct Sources {
    /// The name of one.
    pub(crate) preset: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) changes: Vec<Change>,
    /// Those of the environment, if it may have a say.
    pub(crate) variables: Option<Variables>,
    /// They may take redaction away, too.
    pub(crate) variables_may_weaken: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) settings: Settings,
    /// What code has set and the environment has changed.
    pub(crate) overridden: Vec<String>,
}

impl Sources {
    /// Applies all sources.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub(crate) fn resolve(&self) -> Result<Resolved, Vec<Problem>> {
        let mut merge = Merge::default();
        let file = self.read_file(&mut merge);
        if let Some(variables) = &self.variables {
            detect(variables, &mut merge);
        }
        merge.begin(&self.presets(file.as_ref()), self.variables_may_weaken);
        if let Some(variables) = &self.variables {
            variables.apply_rust_log(&mut merge);
        }
        if let Some(file) = &file {
            file.apply(&mut merge);
        }
        for change in &self.changes {
            merge.change(&change.change, change.keys, &Origin::Code);
        }
        if let Some(variables) = &self.variables {
            let before = merge.settings.clone();
            variables.apply(&mut merge);
            if !self.variables_may_weaken {
                strength::keep(&before, &mut merge.settings, &mut merge.problems);
            }
        }
        let Merge {
            settings,
            problems,
            overridden,
        } = merge;
        match problems.is_empty() {
            true => Ok(Resolved {
                settings,
                overridden,
            }),
            false => Err(problems),
        }
    }

    /// The presets that sources name, the strongest first.
    fn presets(&self, file: Option<&File>) -> Vec<(Json, Origin)> {
        let variable = self.variables.as_ref().and_then(Variables::preset);
        let code = self.preset.as_deref();
        let code = code.map(|name| (Json::from(name), Origin::Code));
        let file = file.and_then(File::preset);
        variable.into_iter().chain(code).chain(file).collect()
    }

    #[cfg(feature = "toml")]
    fn read_file(&self, merge: &mut Merge) -> Option<File> {
        let (path, origin) = self.file()?;
        match File::read(&path, &origin) {
            Ok(file) => Some(file),
            Err(problem) => {
                merge.problems.push(problem);
                None
            }
        }
    }

    #[cfg(not(feature = "toml"))]
    fn read_file(&self, merge: &mut Merge) -> Option<File> {
        let (path, origin) = self.file()?;
        let fix = "enable the feature \"toml\" of fapilog-core";
        let expected = "no file: the feature \"toml\" is not compiled in";
        let problem = Problem::new("config", path.display(), &origin, expected, fix);
        merge.problems.push(problem);
        None
    }

    fn file(&self) -> Option<(PathBuf, Origin)> {
        let variables = self.variables.as_ref();
        let named = variables.and_then(Variables::config).map(|path| {
            let origin = Origin::Variable(super::variable::CONFIG.to_owned());
            (path, origin)
        });
        named.or_else(|| Some((self.file.clone()?, Origin::Code)))
    }
}

#[cfg(feature = "toml")]
use super::file::File;

/// There are none.
#[cfg(not(feature = "toml"))]
#[derive(Debug)]
enum File {}

#[cfg(not(feature = "toml"))]
impl File {
    fn preset(&self) -> Option<(Json, Origin)> {
        match *self {}
    }

    fn apply(&self, _: &mut Merge) {
        match *self {}
    }
}

/// What the process finds around it.
fn detect(variables: &Variables, merge: &mut Merge) {
    if let Some(env) = variables.text("ENV") {
        let origin = Origin::Detected("the variable ENV");
        merge.change(
            |settings| settings.env = Some(env.to_owned()),
            &["env"],
            &origin,
        );
    }
    if is_in_kubernetes(variables) {
        let origin = Origin::Detected("Kubernetes");
        merge.change(
            |settings| settings.core.enrichers.push("kubernetes".to_owned()),
            &["core.enrichers"],
            &origin,
        );
    }
    // Somebody works on the service, and looks.
    let is_ci = variables.text("CI").is_some();
    if variables.are_of_process() && !is_ci && std::io::stdout().is_terminal() {
        let origin = Origin::Detected("stdout is a terminal");
        merge.change(
            |settings| settings.core.log_level = LevelFilter::new(Level::Debug),
            &["core.log_level"],
            &origin,
        );
    }
}

/// Whether the process runs in a pod: its manifest says so, or it has an account there.
fn is_in_kubernetes(variables: &Variables) -> bool {
    const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let has_account = || variables.are_of_process() && Path::new(ACCOUNT).exists();
    variables.text("POD_NAME").is_some() || has_account()
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("preset", &self.preset)
            .field("file", &self.file)
            .field("changes", &self.changes.len())
            .field("environment", &self.variables.is_some())
            .finish()
    }
}
