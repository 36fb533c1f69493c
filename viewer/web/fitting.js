// Which stage models fit a journey type: those whose touchpoints cover at least 80 % of its steps. Others would draw one large "no stage".
import { get } from './api.js';

const COVERS = 0.8;

export async function fitting(models, journey) {
  const shares = await Promise.all(
    models.map(async ({ id }) => {
      const map = await get('/api/map', { journey, model: id, edges: 0 });
      const staged = map.nodes.reduce((sum, node) => sum + (node.stage === null ? 0 : node.steps), 0);
      return [id, map.steps ? staged / map.steps : 0];
    }),
  );
  return new Set(shares.filter(([, share]) => share >= COVERS).map(([id]) => id));
}
