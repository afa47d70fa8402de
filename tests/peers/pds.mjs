// A Bluesky server with its directory of accounts, for as long as standard input stays open. Prints its address.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [home, port, plcPort] = process.argv.slice(2)
const require = createRequire(`${home}/package.json`)
const { TestNetworkNoAppView } = await import(pathToFileURL(require.resolve('@atproto/dev-env')).href)

const network = await TestNetworkNoAppView.create({
  pds: { port: Number(port), hostname: 'localhost' },
  plc: { port: Number(plcPort) },
})
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
