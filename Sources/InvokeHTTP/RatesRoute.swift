import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// `GET /rates`: what an operator's overview shows, the figures of now and the last hour by minute.
enum RatesRoute {
    static func add(to routes: Routes) {
        routes.get("/rates", .account) { call in
            try call.account().need(.admin)
            let store = call.agent.store
            let (figures, rates) = (try await store.figures(), try await store.rates())
            return Response(
                json: [
                    "time": JSON(time: store.now),
                    "now": now(figures, ProcessFigures.now, call.agent),
                    "minutes": .array(minutes(rates, open: figures.waiting + figures.running)),
                ]
            )
        }
    }

    private static func now(_ figures: StoreFigures, _ process: ProcessFigures, _ agent: Agent) -> JSON {
        let now = agent.store.now
        func seconds(since date: Date?) -> JSON {
            .number(JSONNumber(date.map { max(0, Int(now.timeIntervalSince($0))) } ?? 0))
        }
        var members: [(String, JSON)] = [
            ("waiting", .number(JSONNumber(figures.waiting))),
            ("oldest_waiting_seconds", seconds(since: figures.oldestWaiting)),
            ("running", .number(JSONNumber(figures.running))),
            ("webhooks_pending", .number(JSONNumber(figures.pendingDeliveries))),
            ("webhooks_dead", .number(JSONNumber(figures.deadDeliveries))),
            ("webhooks_lag_seconds", seconds(since: figures.nextDelivery)),
            ("wal_bytes", .number(JSONNumber(figures.walBytes))),
            ("resident_bytes", .number(JSONNumber(process.residentBytes))),
            ("open_descriptors", .number(JSONNumber(process.descriptors))),
            ("descriptor_limit", .number(JSONNumber(process.descriptorLimit))),
        ]
        if let room = agent.store.disk.room {
            members.append(("disk_left_bytes", .number(JSONNumber(room.left))))
            members.append(("disk_low_water_bytes", .number(JSONNumber(room.mark))))
        }
        members.append(("draining", .bool(agent.lifecycle.isDraining)))
        return .object(.init(uniqueKeysWithValues: members))
    }

    /// `open` jobs had been accepted and had not ended at the end of a minute: counted back from what is open now.
    private static func minutes(_ rates: [MinuteRates], open: Int) -> [JSON] {
        var open = open
        return rates.reversed().map { minute -> JSON in
            defer { open = max(0, open - minute.accepted + minute.ended) }
            return [
                "time": JSON(time: minute.start),
                "accepted": .number(JSONNumber(minute.accepted)),
                "succeeded": .number(JSONNumber(minute.succeeded)),
                "failed": .number(JSONNumber(minute.failed)),
                "cancelled": .number(JSONNumber(minute.cancelled)),
                "open": .number(JSONNumber(open)),
            ]
        }.reversed()
    }
}
