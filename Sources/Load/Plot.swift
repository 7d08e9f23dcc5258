import Foundation

/// A plot of lines as SVG, without anything from outside: axes, grid, lines with names, and marks.
///
/// Colours come from the page's style sheet by class, so one plot serves light and dark.
struct Plot {
    enum Scale {
        case linear
        case logarithmic
        /// Shares of requests, from the 50th percentile on: equal steps are powers of ten of the
        /// rest.
        case percentile
    }

    struct Line {
        let name: String
        /// 1 ... 4, a colour of the page.
        let style: Int
        let points: [(x: Double, y: Double)]
        /// Each point gets a dot; `isHollow` says which are not filled.
        var hasDots = false
        var isHollow: (Int) -> Bool = { _ in false }
        var isArea = false
    }

    /// A vertical line with a text.
    struct Mark {
        let x: Double
        let text: String
    }

    let label: String
    let xTitle: String
    let yTitle: String
    var xScale = Scale.linear
    var yScale = Scale.linear
    var yText: (Double) -> String
    var xText: (Double) -> String
    var lines: [Line]
    var marks: [Mark] = []

    private static let width = 860.0
    private static let height = 320.0
    private static let left = 72.0
    private static let right = 18.0
    private static let top = 34.0
    private static let bottom = 44.0

    var svg: String {
        let points = lines.flatMap(\.points)
        guard !points.isEmpty else { return "<p class=\"empty\">Nothing to plot.</p>" }
        let x = Axis(xScale, points.map(\.x), from: Self.left, to: Self.width - Self.right)
        let y = Axis(yScale, points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
        var text = "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
        text += "aria-label=\"\(HTML.escaped(label))\">\n"
        text += grid(x, y)
        for mark in marks { text += drawn(mark, x) }
        for line in lines { text += drawn(line, x, y) }
        text += legend
        return text + "</svg>\n"
    }

    private func grid(_ x: Axis, _ y: Axis) -> String {
        var text = ""
        let base = Self.height - Self.bottom
        for tick in y.ticks {
            let place = Self.number(y.place(tick))
            text += "<line class=\"grid\" x1=\"\(Int(Self.left))\" y1=\"\(place)\" "
            text += "x2=\"\(Int(Self.width - Self.right))\" y2=\"\(place)\"/>"
            text += "<text class=\"tick\" text-anchor=\"end\" dy=\"4\" x=\"\(Int(Self.left) - 8)\" "
            text += "y=\"\(place)\">\(HTML.escaped(yText(tick)))</text>\n"
        }
        for tick in x.ticks {
            let place = Self.number(x.place(tick))
            text += "<line class=\"grid\" x1=\"\(place)\" y1=\"\(Int(Self.top))\" "
            text += "x2=\"\(place)\" y2=\"\(Int(base))\"/>"
            text += "<text class=\"tick\" text-anchor=\"middle\" x=\"\(place)\" "
            text += "y=\"\(Int(base) + 18)\">\(HTML.escaped(xText(tick)))</text>\n"
        }
        text += "<line class=\"axis\" x1=\"\(Int(Self.left))\" y1=\"\(Int(base))\" "
        text += "x2=\"\(Int(Self.width - Self.right))\" y2=\"\(Int(base))\"/>\n"
        text += "<text class=\"title\" text-anchor=\"end\" x=\"\(Int(Self.width - Self.right))\" "
        text += "y=\"\(Int(Self.height) - 6)\">\(HTML.escaped(xTitle))</text>"
        text += "<text class=\"title\" x=\"4\" y=\"16\">\(HTML.escaped(yTitle))</text>\n"
        return text
    }

    private func drawn(_ line: Line, _ x: Axis, _ y: Axis) -> String {
        let places = line.points.map { (x.place($0.x), y.place($0.y)) }
        let path = places.enumerated().map { index, place in
            "\(index == 0 ? "M" : "L")\(Self.number(place.0)) \(Self.number(place.1))"
        }.joined()
        var text = ""
        if line.isArea, let first = places.first, let last = places.last {
            let base = Int(Self.height - Self.bottom)
            text += "<path class=\"area c\(line.style)\" d=\"\(path)"
            text += "L\(Self.number(last.0)) \(base)L\(Self.number(first.0)) \(base)Z\"/>\n"
        }
        text += "<path class=\"line c\(line.style)\" d=\"\(path)\"/>\n"
        guard line.hasDots || places.count == 1 else { return text }
        for (index, place) in places.enumerated() {
            let hollow = line.isHollow(index) ? " hollow" : ""
            let point = line.points[index]
            text += "<circle class=\"dot c\(line.style)\(hollow)\" r=\"4\" "
            text += "cx=\"\(Self.number(place.0))\" cy=\"\(Self.number(place.1))\">"
            text += "<title>\(HTML.escaped("\(line.name): \(xText(point.x)), \(yText(point.y))"))"
            text += "</title></circle>\n"
        }
        return text
    }

    private func drawn(_ mark: Mark, _ x: Axis) -> String {
        let place = Self.number(x.place(mark.x))
        let isRight = x.place(mark.x) > Self.width * 0.7
        var text = "<line class=\"mark\" x1=\"\(place)\" y1=\"\(Int(Self.top))\" x2=\"\(place)\" "
        text += "y2=\"\(Int(Self.height - Self.bottom))\"/>"
        text += "<text class=\"marktext\" text-anchor=\"\(isRight ? "end" : "start")\" "
        text += "dx=\"\(isRight ? -6 : 6)\" x=\"\(place)\" y=\"\(Int(Self.top) + 14)\">"
        return text + "\(HTML.escaped(mark.text))</text>\n"
    }

    private var legend: String {
        var text = ""
        var place = Self.width - Self.right
        for line in lines.reversed() {
            place -= Double(line.name.count) * 7.2
            text += "<text class=\"legend\" x=\"\(Self.number(place))\" y=\"16\">"
            text += "\(HTML.escaped(line.name))</text>"
            text +=
                "<rect class=\"swatch c\(line.style)\" x=\"\(Self.number(place - 16))\" y=\"7\" "
            text += "width=\"11\" height=\"11\" rx=\"3\"/>\n"
            place -= 34
        }
        return text
    }

    static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}

/// Values to places, and round values between them.
struct Axis {
    private let scale: Plot.Scale
    private let low: Double
    private let high: Double
    private let from: Double
    private let to: Double
    let ticks: [Double]

    /// - Parameters:
    ///   - from: Where the lowest value lies.
    ///   - to: Where the highest lies.
    init(_ scale: Plot.Scale, _ values: [Double], from: Double, to: Double) {
        self.scale = scale
        self.from = from
        self.to = to
        switch scale {
        case .linear:
            let most = max(values.max() ?? 1, 1e-9)
            let least = min(values.min() ?? 0, 0)
            let step = Self.roundStep((most - least) / 6)
            low = (least / step).rounded(.down) * step
            high = (most / step).rounded(.up) * step
            ticks = (0...Int(((high - low) / step).rounded())).map { [low] in
                low + Double($0) * step
            }
        case .logarithmic:
            let positive = values.filter { $0 > 0 }
            low = pow(10, (log10(positive.min() ?? 1) + 1e-9).rounded(.down))
            high = max(pow(10, (log10(positive.max() ?? 10) - 1e-9).rounded(.up)), low * 10)
            let powers = Int(log10(low).rounded())...Int(log10(high).rounded())
            let factors: [Double] = powers.count > 3 ? [1] : powers.count > 2 ? [1, 3] : [1, 2, 5]
            ticks = powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
                .filter { [high] in $0 <= high * 1.001 }
        case .percentile:
            low = 0
            high = max((values.map(Self.nines).max() ?? 1), 1)
            ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter { [high] in
                Self.nines($0) <= high + 1e-9
            }
        }
    }

    func place(_ value: Double) -> Double {
        let share =
            switch scale {
            case .linear: (value - low) / (high - low)
            case .logarithmic:
                (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low))
            case .percentile: (min(Self.nines(value), high) - low) / (high - low)
            }
        return from + share * (to - from)
    }

    /// 0 at 0 %, 1 at 90 %, 2 at 99 %.
    private static func nines(_ percentile: Double) -> Double {
        -log10(max(1 - percentile / 100, 1e-7))
    }

    /// 1, 2 or 5 times a power of ten, at least `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= step * 0.999 } ?? power * 10
    }
}
