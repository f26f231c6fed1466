// One network of the AT Protocol: a directory, accounts' server, and the AppView that indexes both.
import { TestNetwork } from '@atproto/dev-env'

const { PDS_PORT, APPVIEW_PORT, DIRECTORY_PORT, MODERATION_PORT } = process.env
const network = await TestNetwork.create({
  pds: { port: Number(PDS_PORT), hostname: 'localhost' },
  plc: { port: Number(DIRECTORY_PORT) },
  bsky: {
    port: Number(APPVIEW_PORT),
    dbPostgresSchema: 'bsky',
    publicUrl: `http://localhost:${APPVIEW_PORT}`,
  },
  ozone: {
    port: Number(MODERATION_PORT),
    chatUrl: 'http://localhost:9',
    chatDid: 'did:example:chat',
    dbMaterializedViewRefreshIntervalMs: 30_000,
  },
})
process.on('SIGTERM', () => network.close().finally(() => process.exit(0)))
