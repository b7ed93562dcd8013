//! [`Reporter`]: what a stage has to say about itself.

use super::Diagnostics;

/// Lets a stage say what the owner of the service should know: a line on stderr, or where
/// [`on_diagnostic`](crate::LoggerBuilder::on_diagnostic) sends them, as often as all
/// [diagnostics](crate::diagnostics) are said. Cheap to clone. The default one says nothing.
#[derive(Clone, Debug, Default)]
pub struct Reporter(Option<Stage>);

#[derive(Clone, Debug)]
struct Stage {
    kind: &'static str,
    name: String,
    diagnostics: Diagnostics,
}

impl Reporter {
    pub(crate) fn new(kind: &'static str, name: &str, diagnostics: &Diagnostics) -> Self {
        Self(Some(Stage {
            kind,
            name: name.to_owned(),
            diagnostics: diagnostics.clone(),
        }))
    }

    /// Says something, with the name of the stage before it. Never waits, never fails.
    pub fn report(&self, message: &str) {
        if let Some(stage) = &self.0 {
            let text = format!("{}: {message}", stage.name);
            stage.diagnostics.report(stage.kind, &text);
        }
    }
}
