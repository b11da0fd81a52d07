import Glibc
import InvokeModel
import Logging
import Testing

@testable import InvokeExecution

/// What is read of a cluster and of its configuration.
@Suite struct KubernetesTests {
    @Test(arguments: [
        ("500m", 0.5), ("2", 2), ("16Gi", 17_179_869_184), ("1e3", 1_000), ("1.5", 1.5), ("100k", 100_000),
        ("3E", 3e18), ("250u", 0.000_25),
    ])
    func quantitiesAreRead(text: String, value: Double) throws {
        #expect(abs(try #require(NodeSize.quantity(text)) - value) <= value * 1e-12)
    }

    @Test func whatIsNoQuantityIsNone() {
        for text in ["", "Gi", "1Xi", "one"] { #expect(NodeSize.quantity(text) == nil) }
    }

    @Test(arguments: [1, 2, 3, 100])
    func linesAreToldApartByTheirLetters(pieces: Int) {
        var (lines, said) = (TaggedLines(), [ProgramStream: String]())
        let bytes = Array("Oone\nEoops\nOtwo\n\nnoise of the cluster\nO\nEO at last\nOcut".utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { bytes in
                lines.take(bytes) { said[$1, default: ""] += String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(said == [.output: "one\ntwo\n\ncut", .errors: "oops\nO at last\n"])
    }

    /// A Job as the cluster is asked for it; clusters hold to it what no test here can see.
    private func job(_ shop: Workshop) throws -> (job: JSON, secret: JSON) {
        let folder = try Workshop.temporaryFolder()
        defer {
            unlink(folder + "/config")
            rmdir(folder)
        }
        try put(Self.config, at: folder + "/config")
        let settings = KubernetesSettings(
            access: try KubernetesAccess(kubeconfig: folder + "/config"),
            folder: shop.root,
            label: "me",
            agentURL: { "" },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let attempt = try shop.attempt(["true"], timeout: .seconds(60))
        let job = KubernetesJob(attempt: attempt, settings: settings, image: "image", url: "http://agent")
        return (job.document, job.secret(token: "a-token", ownedBy: "a-uid"))
    }

    @Test func aPodHasNoRightsAndIsNotTriedAgain() throws {
        let spec = try #require(try job(Workshop()).job["spec"])
        #expect(spec["backoffLimit"] == 0 && spec["activeDeadlineSeconds"] == 180)
        #expect(spec["ttlSecondsAfterFinished"] == 86_400)
        let template = try #require(spec["template"])
        #expect(template["metadata"]?["labels"]?[KubernetesLabel.network] == "no")
        let pod = try #require(template["spec"])
        #expect(pod["restartPolicy"] == "Never")
        #expect(pod["automountServiceAccountToken"] == false && pod["enableServiceLinks"] == false)
        #expect(pod["securityContext"]?["runAsNonRoot"] == true)
        #expect(pod["securityContext"]?["seccompProfile"] == ["type": "RuntimeDefault"])
        let containers = (pod["initContainers"]?.array ?? []) + (pod["containers"]?.array ?? [])
        #expect(containers.count == 3)
        for container in containers {
            let expected: JSON = [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
            ]
            #expect(container["securityContext"] == expected)
            #expect(container["resources"]?["limits"]?["memory"] != nil)
        }
    }

    @Test func onlyTheSecretHasTheTokenAndGoesWithTheJob() throws {
        let (job, secret) = try job(Workshop())
        #expect(!job.text.contains("a-token") && secret["stringData"]?["token"] == "a-token")
        let program = try #require(job["spec"]?["template"]?["spec"]?["initContainers"]?.array?.last)
        #expect(program["name"] == "program" && program["env"] == [])
        let owner = try #require(secret["metadata"]?["ownerReferences"]?.array?.first)
        #expect(owner["uid"] == "a-uid" && owner["kind"] == "Job" && owner["name"] == job["metadata"]?["name"])
    }

    private static let config = """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - {name: here, context: {cluster: one, user: me, namespace: jobs}}
        - {name: there, context: {cluster: one, user: file}}
        - {name: exec, context: {cluster: one, user: helper}}
        - {name: lost, context: {cluster: two, user: me}}
        - {name: broken, context: {cluster: damaged, user: me}}
        clusters:
        - {name: one, cluster: {server: "https://10.0.0.1:6443/"}}
        - {name: damaged, cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: "bm90IG9uZQ=="}}
        users:
        - {name: me, user: {token: secret}}
        - {name: file, user: {tokenFile: token}}
        - {name: helper, user: {exec: {command: aws}}}
        """

    @Test func aContextOfAKubeconfigIsRead() throws {
        let folder = try Workshop.temporaryFolder()
        try put(Self.config, at: folder + "/config")
        try put("of a file\n", at: folder + "/token")
        let here = try KubernetesAccess(kubeconfig: folder + "/config")
        #expect(here.server == "https://10.0.0.1:6443")
        #expect(here.namespace == "jobs")
        #expect(try here.token() == "secret")
        let there = try KubernetesAccess(kubeconfig: folder + "/config", context: "there")
        #expect(there.namespace == "default")
        #expect(try there.token() == "of a file")
        unlink(folder + "/token")
        #expect(throws: KubernetesFault.self) { try there.token() }
    }

    @Test(arguments: [
        ("exec", "service account"), ("lost", "no cluster 'two'"), ("nowhere", "no context 'nowhere'"),
        ("broken", "can't be read"),
    ])
    func whatIsWrongWithAKubeconfigIsSaid(context: String, words: String) throws {
        let folder = try Workshop.temporaryFolder()
        try put(Self.config, at: folder + "/config")
        #expect {
            try KubernetesAccess(kubeconfig: folder + "/config", context: context)
        } throws: {
            "\($0)".contains(words)
        }
    }
}
