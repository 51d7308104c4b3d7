// Part of the build: an empty embedded database is initialised once here, so that even the first start is quick.
import { prepareTemplate } from '../dist/store/database-template.js'

await prepareTemplate()
