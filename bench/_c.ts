import { SaxesParser } from 'saxes'
import { XmlReader } from '../src/formats/xml-tree.ts'
import { camtMachine } from '../src/formats/camt.ts'
import { read } from '../src/formats/open-format.ts'
import { ImportFormat } from '../src/config/schema.ts'
const e = (i:number)=>`<Ntry><Amt Ccy="EUR">${100 + (i % 900)}.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-22</Dt></BookgDt><ValDt><Dt>2026-11-22</Dt></ValDt><AcctSvcrRef>REF${i}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E-${i}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Customer ${i}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE8937040044${i}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Order O${i} thank you</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n`
let t='<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>'; for (let i=0;i<20000;i++) t+=e(i); t+='</Stmt></BkToCstmrStmt></Document>'
const chunks:string[]=[]; for(let i=0;i<t.length;i+=65536) chunks.push(t.slice(i,i+65536))
const bufs=chunks.map(c=>Buffer.from(c))
const f=ImportFormat.parse({type:'camt'}) as any
const bare=()=>{const p=new SaxesParser(); let x='',n=0; p.on('opentag',()=>{x=''}); p.on('text',(s)=>{x+=s}); p.on('closetag',()=>{n+=x.length}); for(const c of chunks) p.write(c); p.close()}
const tree=()=>{ let n=0; const r=new XmlReader({root(){},open:(p)=>p.length===4,tree(){n++},close(){}}); for(const c of chunks) r.write(c); r.end()}
const camt=()=>{ const m=camtMachine(f,'payments'); let n=0; for(const c of chunks) for (const _ of m.push(c)) n++; for (const _ of m.end()) n++; return n}
const full=async()=>{ let n=0; for await (const _ of read(bufs,f,'payments')) n++; return n}
const only=process.argv[2]
for (let k=0;k<(only?8:4);k++) for (const [name,g] of [['bare',bare],['tree',tree],['camt',camt],['full',full]] as const) { if (only&&only!==name) continue; const c=process.cpuUsage(); const s=performance.now(); await g(); const u=process.cpuUsage(c); console.log(name,(t.length/1e6/((performance.now()-s)/1e3)).toFixed(1),'wall',(t.length/1e6/((u.user+u.system)/1e6)).toFixed(1),'cpu') }
