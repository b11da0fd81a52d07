import Foundation
package import InvokeModel
import OrderedCollections

extension OSCAR {
    /// What the agent tells a script by variables (oscar.md §9).
    package static func variables(
        of job: JobID,
        _ service: String,
        _ inputs: JSON,
        token: String
    ) -> [String: String] {
        var variables = [
            "OSCAR_SERVICE_NAME": service, "OSCAR_SERVICE_TOKEN": token, "OSCAR_SERVICE_BASE_PATH": "",
            "JOB_UUID": name(of: job, service), "RESOURCE_ID": host,
        ]
        if let object = object(thatStarted: inputs), let event = inputs["event"] {
            variables["STORAGE_OBJECT_KEY"] = object.key
            variables["EVENT_TIME"] = event["Records"]?.array?.first?["eventTime"]?.string
            variables["EVENT"] = event.text
            return variables
        }
        guard let request = inputs["event"]?["http"]?.object else {
            variables["EVENT"] = hasShortText(inputs) ? inputs["input"]?.string : nil
            return variables
        }
        for (header, value) in request {
            variables["Http_" + header.split(separator: "-").map(\.capitalized).joined(separator: "_")] = value.string
        }
        return variables
    }

    /// Whether the body of a job fits into a variable; of one that does not, a variable names the file.
    package static func hasShortText(_ inputs: JSON) -> Bool {
        switch inputs["input"] {
        case nil: true
        case .string(let text)?: text.utf8.count <= longestVariable
        default: false
        }
    }

    private static let host = ProcessInfo.processInfo.hostName

    /// Bytes: the system takes no longer ones.
    private static let longestVariable = 127 << 10

    /// The content type of what a script has printed, where it is too long or no text that a job's row could hold.
    package static let printedType = "text/plain"

    /// What the answer of a run begins with when the script failed.
    package static func exitStatus(_ code: Int) -> String { exitStatusPrefix + String(code) }
    package static let exitStatusPrefix = "exit status "
}

extension Substring {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
