import Configuration
import Foundation
import InvokeModel
import InvokeWire
import OrderedCollections
import SystemPackage

/// The settings that come from one place, as text; lists by comma.
struct SettingLayer: Sendable {
    let origin: SettingOrigin
    let values: [Setting: String]

    /// Every place, the one that wins first.
    /// - Throws: `Stop.badConfiguration` for a key that does not exist, and for a file that can't be read.
    static func all(flags: [Setting: String], file: String?, environment: [String: String]) throws -> [SettingLayer] {
        let known = Setting.allCases.map(\.variable)
        for name in environment.keys.sorted() where name.hasPrefix("INVOKE_AGENT_") && !known.contains(name) {
            throw unknown(name, among: known, in: "the environment")
        }
        var layers = [
            SettingLayer(origin: .flag, values: flags),
            SettingLayer(origin: .environment, values: named { environment[$0.variable] }),
            SettingLayer(origin: .oscar, values: setAsOSCARDoes(environment)),
        ]
        if let file { layers.append(SettingLayer(origin: .file(file), values: try read(file))) }
        return layers + [SettingLayer(origin: .builtIn, values: named(\.defaultValue))]
    }

    /// The layer as the library reads it: text as in the environment, a file as what it is.
    func provider() async throws -> any ConfigProvider {
        if case .file(let path) = origin {
            do { return try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)) } catch {
                throw Stop.badConfiguration("\(path) can't be read: \(error.localizedDescription)")
            }
        }
        let variables = values.map { ($0.key.variable, $0.value) }
        return EnvironmentVariablesProvider(environmentVariables: Dictionary(uniqueKeysWithValues: variables))
            .prefixKeys(with: "invoke.agent")
    }

    private static func named(_ value: (Setting) -> String?) -> [Setting: String] {
        Setting.allCases.reduce(into: [:]) { $0[$1] = value($1) }
    }

    /// What the variables of an OSCAR say; they write durations in seconds.
    private static func setAsOSCARDoes(_ environment: [String: String]) -> [Setting: String] {
        named { setting in
            guard let text = setting.oscarVariable.flatMap({ environment[$0] }), !text.isEmpty else { return nil }
            let isTime = [.scriptTime, .runTime].contains(setting)
            return isTime && Int(text) != nil ? text + "s" : text
        }
    }

    private static func read(_ file: String) throws -> [Setting: String] {
        do {
            let document = try JSON(yaml: Array(Data(contentsOf: URL(fileURLWithPath: file))))
            var values: [Setting: String] = [:]
            for (key, text) in document.leaves(below: "") {
                guard let setting = Setting(rawValue: key) else {
                    throw unknown(key, among: Setting.allCases.map(\.rawValue), in: file)
                }
                values[setting] = text
            }
            return values
        } catch let stop as Stop {
            throw stop
        } catch let refusal as Refusal {
            throw Stop.badConfiguration("\(file): \(refusal.message)")
        } catch {
            throw Stop.badConfiguration("\(file) can't be read: \(error.localizedDescription)")
        }
    }

    private static func unknown(_ key: String, among known: [String], in place: String) -> Stop {
        let advice = nearestName(to: key, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
        return .badConfiguration("there is no setting \"\(key)\" (\(place)).\(advice)")
    }
}

/// Where the value of a setting comes from.
enum SettingOrigin: Sendable, Hashable {
    case flag, environment, oscar, builtIn
    case file(String)

    /// For the operator.
    func text(of setting: Setting) -> String {
        switch self {
        case .flag: "option"
        case .environment: "environment \(setting.variable)"
        case .oscar: "environment \(setting.oscarVariable ?? "")"
        case .file(let path): "file \(path)"
        case .builtIn: "default"
        }
    }
}

extension JSON {
    /// The dotted names of all values that are no objects, with what they say.
    fileprivate func leaves(below prefix: String) -> [(key: String, text: String)] {
        guard let object else { return prefix.isEmpty ? [] : [(String(prefix.dropLast()), settingText)] }
        return object.flatMap { $0.value.leaves(below: "\(prefix)\($0.key).") }
    }

    private var settingText: String {
        switch self {
        case .null: ""
        case .string(let text): text
        case .array(let items): items.map(\.settingText).joined(separator: ",")
        case .bool, .number, .object: text
        }
    }
}
