import Testing

/// Items by the line, and whole catalogues.
@Suite struct LoadTests {
    private static let type = "application/x-ndjson"

    @Test func `each line has its outcome, and the counts come last`() async throws {
        try await FrontServer.with { server in
            let body = """
                {"id":"a","kind":"group","text":"Alpine hikers of Bavaria"}

                {"id":"b","kind":"spaceship"}\r
                {"id":"c","kind":"group","size":3}
                {"id":"d"
                {"id":"e","kind":"ad","text":"Chemotherapy clinic"}
                """
            let reply = try await server.ask("POST /v1/items", body, type: Self.type)
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == Self.type)
            let lines = reply.body.split(separator: "\n")
            try #require(lines.count == 6)
            #expect(lines[0] == #"{"line":1,"id":"a","flagged":null}"#)
            #expect(lines[1].hasPrefix(#"{"line":2,"id":"b","problem":{"type":"urn:cairn:"#))
            #expect(lines[2].contains(#""field":"/size","reason":"there is no such field""#))
            #expect(lines[3].contains("malformed-json"))
            #expect(lines[4] == #"{"line":5,"id":"e","flagged":"health"}"#)
            #expect(
                lines[5]
                    == #"{"lines":5,"added":2,"flagged":1,"failed":3,"complete":true,"#
                    + #""committed":null}"#)
            #expect(try await server.ask("GET /v1/items/a").status == 200)

            let brief = try await server.ask(
                "POST /v1/items?outcomes=failed", body, type: Self.type)
            #expect(brief.body.split(separator: "\n").count == 4)
            let wrong = try await server.ask("POST /v1/items?outcomes=no", body, type: Self.type)
            #expect(wrong.problem == "invalid-value query:outcomes")
        }
    }

    @Test func `outcomes come while lines are still to be sent`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            try await client.send(
                "POST /v1/items HTTP/1.1\r\nHost: a\r\nContent-Type: \(Self.type)\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            let line = #"{"id":"a","kind":"group"}"# + "\n"
            let chunk = String(line.utf8.count, radix: 16) + "\r\n\(line)\r\n"
            var received = ""
            for number in 1...3 {
                try await client.send(chunk)
                while !received.contains("\"line\":\(number),") {
                    received += String(decoding: try await client.some(), as: UTF8.self)
                }
            }
            try await client.send("0\r\n\r\n")
            while !received.contains(#""complete":true"#) {
                received += String(decoding: try await client.some(), as: UTF8.self)
            }
        }
    }

    @Test func `a catalogue is replaced whole or not at all`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            func load(_ ids: [String], bad: Bool = false) async throws -> HTTPReply {
                let lines = ids.map { #"{"id":"\#($0)","kind":"group"}"# } + (bad ? ["{}"] : [])
                return try await client.ask(
                    "PUT /v1/catalogue", lines.joined(separator: "\n"), type: Self.type)
            }
            #expect(try await load(["a", "b"]).body.hasSuffix("\"committed\":true}\n"))
            #expect(try await load(["c"], bad: true).body.hasSuffix("\"committed\":false}\n"))
            #expect(try await client.ask("GET /v1/items/a").status == 200)
            #expect(try await client.ask("GET /v1/items/c").status == 404)
            #expect(try await load(["c"]).body.hasSuffix("\"committed\":true}\n"))
            #expect(try await client.ask("GET /v1/items/a").status == 404)
            #expect(try await client.ask("GET /v1/items/c").status == 200)
        }
    }

    @Test func `one catalogue is loaded at a time, and one that breaks off is thrown away`()
        async throws
    {
        try await FrontServer.with { server in
            let first = try await server.connect()
            let line = #"{"id":"x","kind":"group"}"# + "\n"
            try await first.send(
                "PUT /v1/catalogue HTTP/1.1\r\nHost: a\r\nContent-Type: \(Self.type)\r\n"
                    + "Content-Length: 1000\r\n\r\n" + line)
            _ = try await first.some()
            let second = try await server.ask("PUT /v1/catalogue", line, type: Self.type)
            #expect(second.status == 409)
            #expect(second.problem == "conflict -")
            first.finishSending()
            _ = try await first.readToEnd()
            for _ in 0..<500 {
                let third = try await server.ask("PUT /v1/catalogue", "", type: Self.type)
                if third.status == 200 { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await server.ask("GET /v1/items/x").status == 404)
        }
    }

    @Test func `a line that is too long ends the load`() async throws {
        try await FrontServer.with { server in
            let body = #"{"id":"a","kind":"group"}"# + "\n" + String(repeating: "x", count: 300_000)
            let reply = try await server.ask("POST /v1/items", body, type: Self.type)
            let lines = reply.body.split(separator: "\n")
            #expect(lines[1].contains("too-large"))
            #expect(
                lines.last?.contains(#""added":1,"flagged":0,"failed":1,"complete":false"#) == true)
            #expect(try await server.ask("GET /v1/items/a").status == 200)
        }
    }
}
