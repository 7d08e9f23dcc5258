import Text

/// The models that a server reads texts with. They are values that never change: several servers of
/// one process may share them.
package struct ServerModels: Sendable {
    let text: TextModel
    /// Without it no chat is used.
    let gate: SensitiveGate?
    /// Where the gate was looked for.
    let gatePath: String

    /// Loads the text model and the gate. A gate that is damaged or of another version is refused; a
    /// missing one only means that no chat is used.
    ///
    /// - Parameter gatePath: The gate's file; empty for the one that comes with the program.
    package static func load(gatePath: String) throws(ConfigurationError) -> ServerModels {
        let path = gatePath.isEmpty ? SensitiveGate.shippedPath : gatePath
        let text: TextModel
        do throws(TextModelError) {
            text = try TextModel.embedded()
        } catch {
            throw ConfigurationError("text", error.message())
        }
        do throws(TextModelError) {
            let gate = try SensitiveGate(path: path, model: text)
            return ServerModels(text: text, gate: gate, gatePath: path)
        } catch .missing {
            return ServerModels(text: text, gate: nil, gatePath: path)
        } catch {
            throw ConfigurationError("text.gate", error.message(of: "gate"))
        }
    }
}
