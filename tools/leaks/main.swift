// Plants one leak after the other and lets the proof find it: a leak that it does not find, or a
// promise that breaks with none planted, ends the program with 1. tools/test-leaks builds and runs
// it.
import Engine
import Foundation
import Proof

let casesMax = 6_000

func outcome(of leak: Leak?) throws -> Prover.Outcome {
    Leak.plant(leak)
    var prover = Prover(.labelled)
    prover.casesCount = casesMax
    prover.shrinks = CommandLine.arguments.contains("--logs")
    return try prover.run()
}

/// The text filled up with blanks.
func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

var missedCount = 0
let width = Leak.allCases.map(\.rawValue.count).max() ?? 0
print("\(column("leak", width))  case  promise that it breaks")
for leak in Leak.allCases {
    if let failure = try outcome(of: leak).failure {
        let number = column(String(failure.caseNumber), 4)
        print("\(column(leak.rawValue, width))  \(number)  \(failure.property)")
        if CommandLine.arguments.contains("--logs") {
            print("\n\(failure.account)\n\n\(failure.log.text(in: .labelled))\n")
        }
    } else {
        missedCount += 1
        print("\(column(leak.rawValue, width))  ----  NONE in \(casesMax) cases")
    }
}
let sound = try outcome(of: nil)
if let failure = sound.failure {
    missedCount += 1
    print("with no leak planted, '\(failure.property)' breaks:\n\(failure.account)")
} else {
    print("with no leak planted every promise holds in \(sound.casesCount) cases")
}
print(missedCount == 0 ? "every leak is found" : "\(missedCount) NOT as it must be")
exit(missedCount == 0 ? 0 : 1)
