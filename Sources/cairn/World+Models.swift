import Domain
import Engine
import Proof
import Server
import Text

extension World {
    /// The corpus as the real models read it, once; as its labels say where there is no gate.
    static func read(gatePath: String?) throws(ProofError) -> World {
        let model: TextModel
        let reader: MessageReader
        let gate: SensitiveGate
        do throws(TextModelError) {
            model = try TextModel.embedded()
            gate = try SensitiveGate(path: gatePath ?? SensitiveGate.shippedPath, model: model)
            reader = try MessageReader(model: model, gate: gate)
        } catch {
            guard gatePath == nil else { throw ProofError(error.message(of: "gate")) }
            return .labelled
        }
        return World(
            judge: "the gate \(gate.digest.prefix(12))",
            topics: model.topics.map { ($0.name, $0.row) },
            message: { message in
                let bytes = message.text.utf8.span
                return (reader.reading(of: bytes), model.embed(bytes))
            },
            item: { item in
                let reading = reader.readItem(item.text.utf8.span)
                return (reading.row, reading.sensitive)
            })
    }
}
