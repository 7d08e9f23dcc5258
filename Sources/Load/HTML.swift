/// Text for a page: what stands in a reply or a template must not become markup.
enum HTML {
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    static func element(_ name: String, class style: String? = nil, _ text: String) -> String {
        let attribute = style.map { " class=\"\($0)\"" } ?? ""
        return "<\(name)\(attribute)>\(escaped(text))</\(name)>"
    }

    /// - Parameter numeric: From this column on, cells stand to the right.
    static func table(
        _ head: [String], _ rows: [[String]], numericFrom numeric: Int = 1
    ) -> String {
        func cells(_ row: [String], _ name: String) -> String {
            row.enumerated().map { index, text in
                element(name, class: index >= numeric ? "n" : nil, text)
            }.joined()
        }
        var text =
            "<div class=\"scroll\"><table><thead><tr>\(cells(head, "th"))</tr></thead><tbody>\n"
        for row in rows { text += "<tr>\(cells(row, "td"))</tr>\n" }
        return text + "</tbody></table></div>\n"
    }
}
