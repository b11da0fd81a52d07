/// The parts of the console, as its menu lists them.
enum Section: String {
    case catalogue, jobs, assets, market, webhooks, operate, account
}
