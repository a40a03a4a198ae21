import {contract} from './contract.ts';
import {openEmbeddedCluster} from './embedded-cluster.ts';

contract(openEmbeddedCluster);
