import Foundation
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// How children of an orchestration are accepted.
@Suite(.timeLimit(.minutes(5))) struct OrchestrationTests {
    /// Parents that wait must not keep out the children that those before them wait for.
    @Test func aChildNeedsNoRoomAmongTheJobsOfItsOwner() async throws {
        var limits = AgentLimits()
        (limits.waitingJobs, limits.waitingJobsOfCaller) = (1, 1)
        let test = try await TestAgent(limits: limits)
        let say = try await test.shell("say", "true")
        let whole = try await test.orchestrate(
            children: [("say", say)],
            edges: ["word -> say.word", "say.said -> said"]
        )
        let parent = try await test.invoke(whole, ["word": "x"])
        await #expect {
            try await test.invoke(whole, ["word": "x"])
        } throws: {
            ($0 as? Refusal)?.code == .callerQuota
        }
        let child = ChildInvocation(
            parent: parent,
            name: "say",
            operation: say,
            inputs: ["word": "x"],
            paid: [],
            owner: try await test.account("consumer").publicID,
            deadline: test.store.now + 60
        )
        let job = try await test.agent.startChild(child)
        #expect(try await test.agent.startChild(child) == job)
        #expect(try test.store.result(of: parent)?.children.map(\.id) == [job])
    }

    @Test func theTimeOfAnOrchestrationIsThatOfItsChildrenTogether() async throws {
        let test = try await TestAgent()
        let slow = try await test.shell("slow", "true", ["timeout: 10m"])
        let whole = try await test.orchestrate(
            children: [("one", slow), ("two", slow)],
            edges: ["word -> one.word", "one.said -> two.word", "two.said -> said"]
        )
        let job = try #require(try await test.store.job(try await test.invoke(whole, ["word": "x"])))
        #expect(job.deadline.timeIntervalSince(job.createdAt) == 300 + 2 * 600)
    }
}
