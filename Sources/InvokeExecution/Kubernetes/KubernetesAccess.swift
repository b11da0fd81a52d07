import Foundation
import InvokeModel
import InvokeWire
import NIOSSL

/// How the API of a cluster is reached, and as whom.
package struct KubernetesAccess: Sendable {
    /// `https://host:port`, without a slash at its end.
    let server: String
    let namespace: String
    let tls: TLSConfiguration
    let credential: Credential

    enum Credential: Sendable {
        /// None, or a client's certificate, which is a part of the TLS configuration.
        case none
        case token(String)
        /// The path of a file that holds the token, and that is replaced from time to time.
        case tokenFile(String)
    }

    /// The bearer token to send; nil for none.
    /// - Throws: `KubernetesFault.away` when it can't be read.
    func token() throws(KubernetesFault) -> String? {
        switch credential {
        case .none: return nil
        case .token(let token): return token
        case .tokenFile(let path):
            guard let bytes = readFile(path) else {
                throw .away("The cluster's token can't be read from \(path): let the agent's user read it.")
            }
            return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Why an access can't be read, and where.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }
}

extension KubernetesAccess {
    /// As the service account of the pod that the agent runs in.
    /// - Throws: `Fault` when it runs in none.
    package static func inCluster() throws -> KubernetesAccess {
        let place = "/var/run/secrets/kubernetes.io/serviceaccount"
        guard let host = getenv("KUBERNETES_SERVICE_HOST"), let port = getenv("KUBERNETES_SERVICE_PORT") else {
            throw Fault(description: "the agent runs in no pod, so name a kubeconfig")
        }
        let address = String(cString: host)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(place + "/ca.crt")
        return KubernetesAccess(
            server: "https://\(address.contains(":") ? "[\(address)]" : address):\(String(cString: port))",
            namespace: readFile(place + "/namespace").map { String(decoding: $0, as: UTF8.self) } ?? "default",
            tls: tls,
            credential: .tokenFile(place + "/token")
        )
    }

    /// As a context of a kubeconfig says; nil for the current one. Programs that make tokens (`exec`) are not run.
    /// - Throws: `Fault`.
    package init(kubeconfig path: String, context: String? = nil) throws {
        guard let bytes = readFile(path) else { throw Fault(description: "it can't be read") }
        let file: JSON
        do {
            file = try JSON(yaml: bytes)
        } catch {
            throw Fault(description: "it is no kubeconfig: \(error.message)")
        }
        let folder = URL(filePath: path).deletingLastPathComponent()
        let reader = Kubeconfig(file: file, folder: folder)
        let name = context ?? file["current-context"]?.string ?? ""
        let chosen = try reader.entry("context", named: name)
        let cluster = try reader.entry("cluster", named: chosen["cluster"]?.string ?? "")
        let user = try reader.entry("user", named: chosen["user"]?.string ?? "")
        guard let server = cluster["server"]?.string, server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw Fault(description: "its cluster has no server")
        }
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        namespace = chosen["namespace"]?.string ?? "default"
        tls = try reader.tls(cluster, user)
        if let token = user["token"]?.string {
            credential = .token(token)
        } else if let file = user["tokenFile"]?.string {
            credential = .tokenFile(URL(filePath: file, relativeTo: folder).path)
        } else if user["exec"] != nil || user["auth-provider"] != nil || user["username"] != nil {
            throw Fault(
                description:
                    "its user has no token and no certificate, which alone are understood: make a service account's token"
            )
        } else {
            credential = .none
        }
    }
}

/// The parts of a kubeconfig.
private struct Kubeconfig {
    let file: JSON
    /// What relative paths begin at.
    let folder: URL

    func entry(_ kind: String, named name: String) throws -> JSON {
        let found = file[kind + "s"]?.array?.first { $0["name"]?.string == name }?[kind]
        guard let found else { throw KubernetesAccess.Fault(description: "it has no \(kind) '\(name)'") }
        return found
    }

    func tls(_ cluster: JSON, _ user: JSON) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if cluster["insecure-skip-tls-verify"]?.bool == true { tls.certificateVerification = .none }
        do {
            if let roots = try content("certificate-authority", of: cluster) {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(roots))
            }
            if let certificate = try content("client-certificate", of: user),
                let key = try content("client-key", of: user)
            {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
            }
        } catch let error as NIOSSLError {
            throw KubernetesAccess.Fault(description: "a certificate or a key in it can't be read: \(error)")
        }
        return tls
    }

    /// What is written there itself, or in the file that is named; nil when there is neither.
    private func content(_ key: String, of entry: JSON) throws -> [UInt8]? {
        if let text = entry[key + "-data"]?.string {
            guard let data = Data(base64Encoded: text) else {
                throw KubernetesAccess.Fault(description: "its \(key)-data is not base64")
            }
            return Array(data)
        }
        guard let name = entry[key]?.string else { return nil }
        let path = URL(filePath: name, relativeTo: folder).path
        guard let bytes = readFile(path) else { throw KubernetesAccess.Fault(description: "\(path) can't be read") }
        return bytes
    }
}
