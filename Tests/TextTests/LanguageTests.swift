import Domain
import Testing

@testable import Text

@Suite struct LanguageTests {
    @Test(
        "sentences in other languages are not known",
        arguments: [
            "Welche Wanderschuhe brauche ich für die Dolomiten?",
            "Quelles chaussures de marche pour les Dolomites ?",
            "¿Qué botas necesito para caminar por los Dolomitas?",
            "Quali scarponi mi servono per le Dolomiti?",
            "Que botas preciso para as Dolomitas?",
            "Welke wandelschoenen heb ik nodig in de Dolomieten?",
            "Jakie buty w Dolomity będą najlepsze?",
            "Dolomitler için hangi botlar iyi?",
            "Какие ботинки нужны для похода в Доломиты?",
            "ドロミテのハイキングにはどの靴がいいですか",
            "돌로미티 하이킹에 어떤 신발이 필요한가요",
            "أي حذاء أحتاج للمشي في الدولوميت؟",
            "Mitkä kengät tarvitsen Dolomiiteille?",
            "Sepatu apa yang cocok untuk mendaki?",
        ])
    func foreign(_ text: String) throws {
        #expect(try Model.read(text).language == .unknown)
    }

    @Test(
        "English sentences are known",
        arguments: [
            "what can I cook with rice and peppers tonight", "Cheap flights to Lisbon in spring",
            "set an alarm for seven", "lights off in the living room please",
            "which espresso machine fits a small kitchen? ☕️", "love this trail!!! 🥾🥾🏔️",
            "Gruyère fondue and a crème brûlée recipe", "5 km run on Sunday, who is in?",
        ])
    func english(_ text: String) throws {
        #expect(try Model.read(text).language == .known)
    }

    @Test("fewer than two words are too short", arguments: ["boots", "ok!", "1 2 3 4", "🥾🥾 hike"])
    func short(_ text: String) throws {
        #expect(try Model.read(text).language == .tooShort)
    }

    @Test("a third of the letters outside Latin is too many")
    func mixed() throws {
        #expect(try Model.read("the β version of the hiking map").language == .known)
        #expect(try Model.read("hiking boots, привет привет").language == .unknown)
    }
}
