import CSIMD
import Domain

/// The ring that keeps a signal: one for each class, apart for what is about items on a sensitive
/// matter, and one for the chats of each product. A signal of one ring never displaces another's.
package enum Ring: Hashable, Sendable {
    case behaviour, views, negative
    /// The same three of flagged items, which no ad weighs.
    case flaggedBehaviour, flaggedViews, flaggedNegative
    case chat(ProductNumber)

    /// - Parameters:
    ///   - product: Of chats.
    ///   - isFlagged: Whether the signal is about an item on a sensitive matter.
    init(of signals: SignalClass, product: ProductNumber, isFlagged: Bool) {
        self =
            switch signals {
            case .behaviour: isFlagged ? .flaggedBehaviour : .behaviour
            case .views: isFlagged ? .flaggedViews : .views
            case .negative: isFlagged ? .flaggedNegative : .negative
            case .chat, .context: .chat(product)
            }
    }

    var key: UInt32 {
        switch self {
        case .behaviour: UInt32(CSIMD_RING_BEHAVIOUR)
        case .views: UInt32(CSIMD_RING_VIEWS)
        case .negative: UInt32(CSIMD_RING_NEGATIVE)
        case .flaggedBehaviour: UInt32(CSIMD_RING_FLAGGED + CSIMD_RING_BEHAVIOUR)
        case .flaggedViews: UInt32(CSIMD_RING_FLAGGED + CSIMD_RING_VIEWS)
        case .flaggedNegative: UInt32(CSIMD_RING_FLAGGED + CSIMD_RING_NEGATIVE)
        case .chat(let product): UInt32(CSIMD_RING_CHAT) + UInt32(product.rawValue)
        }
    }

    init(key: UInt32) {
        switch Int(key) {
        case CSIMD_RING_BEHAVIOUR: self = .behaviour
        case CSIMD_RING_VIEWS: self = .views
        case CSIMD_RING_NEGATIVE: self = .negative
        case CSIMD_RING_FLAGGED + CSIMD_RING_BEHAVIOUR: self = .flaggedBehaviour
        case CSIMD_RING_FLAGGED + CSIMD_RING_VIEWS: self = .flaggedViews
        case CSIMD_RING_FLAGGED + CSIMD_RING_NEGATIVE: self = .flaggedNegative
        default:
            let number = UInt8(Int(key) - CSIMD_RING_CHAT)
            self = .chat(ProductNumber(rawValue: number) ?? .unnamed)
        }
    }

    /// How many signals it shows, and how many older ones it keeps behind them.
    var room: csimd_ring_room {
        let (visible, reserve) =
            switch self {
            case .behaviour: (Limits.behaviourRingMax, Limits.behaviourReserveMax)
            case .views: (Limits.viewRingMax, Limits.viewReserveMax)
            case .negative: (Limits.negativeRingMax, Limits.negativeReserveMax)
            case .flaggedBehaviour:
                (Limits.flaggedBehaviourRingMax, Limits.flaggedReserveMax)
            case .flaggedViews: (Limits.flaggedViewRingMax, Limits.flaggedReserveMax)
            case .flaggedNegative: (Limits.flaggedNegativeRingMax, Limits.flaggedReserveMax)
            case .chat: (Limits.chatRingMax, Limits.chatReserveMax)
            }
        return csimd_ring_room(
            visible: UInt16(visible), reserve: Leak.noReserve.isPlanted ? 0 : UInt16(reserve))
    }

    /// The product of chats; `unnamed` for what is none.
    package var product: ProductNumber {
        if case .chat(let product) = self { product } else { .unnamed }
    }

    package var signalClass: SignalClass {
        switch self {
        case .behaviour, .flaggedBehaviour: .behaviour
        case .views, .flaggedViews: .views
        case .negative, .flaggedNegative: .negative
        case .chat: .chat
        }
    }

    package var isFlagged: Bool {
        switch self {
        case .flaggedBehaviour, .flaggedViews, .flaggedNegative: true
        case .behaviour, .views, .negative, .chat: false
        }
    }
}
