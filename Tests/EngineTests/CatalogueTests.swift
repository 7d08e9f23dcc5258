import Domain
import Testing

@testable import Engine

@Suite("Whole catalogues")
struct CatalogueTests {
    @Test("a commit replaces everything in one step; likes of what is gone survive")
    func commit() throws {
        let world = try TestEngine()
        try world.add("old", about: "hiking")
        try world.add("both", about: "hiking", bid: 1)
        try world.signal("u", .like, "old", at: 1)
        let liked = try world.rank("u", at: 2, .items(["both"]))
        try world.engine.beginCatalogue()
        try world.add("both", about: "hiking", bid: 1, isStaged: true)
        try world.add("new", about: "cello", isStaged: true)
        #expect(try world.rank("u", at: 2).map(\.id) == ["old", "both"])
        #expect(throws: EngineError.unknownItem("new")) {
            try world.signal("u", .like, "new", at: 1)
        }
        try world.engine.commitCatalogue()
        #expect(try world.rank("u", at: 2).map(\.id) == ["new", "both"])
        #expect(try world.rank("u", at: 2, .items(["both"])) == liked)
        #expect(try world.item("old") == nil)
        let about = try world.explain("both", for: "u", at: 2).terms.flatMap(\.signals)
        #expect(about.map(\.about) == ["old"])
        let state = world.engine.state
        #expect(state.items == 2 && state.slots == 3 && state.rows == 3)
        #expect(state.retired == 0 && state.stagingMemory.allocated == 0)
    }

    @Test("an abort changes nothing")
    func abort() throws {
        let world = try TestEngine()
        try world.add("old", about: "hiking")
        let before = try world.rank("u", at: 1)
        try world.engine.beginCatalogue()
        try world.add("new", isStaged: true)
        try world.add("old", about: "cello", isStaged: true)
        try world.remove("old", isStaged: true)
        try world.engine.abortCatalogue()
        #expect(try world.rank("u", at: 1) == before)
        #expect(world.engine.state.slots == 1 && world.engine.state.retired == 0)
    }

    @Test("begin, commit and abort go together")
    func order() throws {
        let world = try TestEngine()
        #expect(throws: EngineError.catalogueNotBegun) { try world.engine.commitCatalogue() }
        #expect(throws: EngineError.catalogueNotBegun) { try world.engine.abortCatalogue() }
        try world.engine.beginCatalogue()
        #expect(throws: EngineError.catalogueBegun) { try world.engine.beginCatalogue() }
        try world.engine.abortCatalogue()
        try world.engine.beginCatalogue()
        try world.engine.commitCatalogue()
        #expect(world.engine.state.items == 0)
    }

    @Test("a hundred replaced catalogues leave nothing behind")
    func hundred() throws {
        let world = try TestEngine()
        try world.add("liked", about: "hiking")
        try world.signal("u", .like, "liked", at: 1)
        var warm = Memory()
        for generation in 0..<110 {
            try world.engine.beginCatalogue()
            for number in 0..<50 {
                try world.add("\(generation * 25 + number)", about: "cello", isStaged: true)
            }
            try world.engine.commitCatalogue()
            if generation == 10 { warm = engineMemory(world) }
        }
        let state = world.engine.state
        #expect(state.items == 50 && state.slots == 51 && state.rows == 51)
        #expect(engineMemory(world).allocated <= warm.allocated + 4_096)
        #expect(try world.rank("u", at: 1).count == 50)
    }

    /// What the catalogue and the directory take; the process holds other tests too.
    private func engineMemory(_ world: TestEngine) -> Memory {
        var memory = world.engine.state.catalogueMemory
        memory += world.engine.state.directoryMemory
        return memory
    }
}
